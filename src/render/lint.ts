import type { Finding } from '../talk/conversation.js'
import { layout, type Paint, plain, type Row, type Tone } from './rows.js'

/** The page of a check. */
export interface CheckView {
  readonly id: string
  readonly title: string
  readonly page: string
}

const TONES: Readonly<Record<Finding['severity'], Tone>> = { error: 'bad', warning: 'warn', info: 'dim' }

/** Findings as a compiler prints them: place, severity, sentence, and how to see it on the node. */
export function renderLint(findings: readonly Finding[], columns: number, paint: Paint = plain): string {
  if (findings.length === 0) return 'nothing suspicious was found\n'
  const rows = findings.flatMap((f): Row[] => {
    const file =
      f.where?.file === undefined
        ? f.where?.netns
        : `${f.where.file}${f.where.line ? `:${f.where.line}` : ''}`
    return [
      {
        indent: 0,
        text: `${file === undefined ? '' : `${file}: `}${f.severity}: ${f.says} [${f.id}]`,
        tone: TONES[f.severity],
        hang: 2,
      },
      ...(f.where ? [{ indent: 4, text: f.where.detail, tone: 'dim' as const, hang: 2 }] : []),
      ...(f.see === undefined ? [] : [{ indent: 4, text: `see: ${f.see}`, tone: 'dim' as const, hang: 2 }]),
    ]
  })
  const count = (severity: Finding['severity']) => findings.filter(f => f.severity === severity).length
  rows.push({
    indent: 0,
    text: `${count('error')} errors, ${count('warning')} warnings, ${count('info')} notes; nfsim lint --explain ID tells more`,
  })
  return `${layout(rows, columns, paint)}\n`
}

/** SARIF 2.1.0, as code hosts read it. */
export function renderSarif(
  findings: readonly Finding[],
  checks: readonly CheckView[],
  version: string,
): string {
  const LEVEL = { error: 'error', warning: 'warning', info: 'note' } as const
  return `${JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'nfsim',
              version,
              rules: checks.map(({ id, title, page }) => ({
                id,
                shortDescription: { text: title },
                fullDescription: { text: page.replace(/\s+/g, ' ') },
              })),
            },
          },
          results: findings.map(f => ({
            ruleId: f.id,
            level: LEVEL[f.severity],
            message: { text: f.says },
            locations:
              f.where?.file === undefined
                ? []
                : [
                    {
                      physicalLocation: {
                        artifactLocation: { uri: encodeURI(f.where.file) },
                        ...(f.where.line
                          ? { region: { startLine: f.where.line, snippet: { text: f.where.detail } } }
                          : {}),
                      },
                    },
                  ],
          })),
        },
      ],
    },
    null,
    1,
  )}\n`
}

/** The page of one check. */
export const renderCheckPage = ({ id, title, page }: CheckView): string => `${id}: ${title}\n\n${page}\n`
