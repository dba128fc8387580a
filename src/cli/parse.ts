import type { Problem } from '../model/place.js'
import { BUILTIN_CHAINS } from '../model/ruleset.js'
import { findDump } from '../parse/paste.js'
import { formatProblem } from '../parse/problems.js'
import { describeKind, type DumpKind, recognise } from '../parse/recognise.js'
import { EXIT } from './exit-codes.js'
import type { Io } from './io.js'
import { PARSE_KINDS, READERS } from './parse-kinds.js'
import { readStream, readText } from './read-text.js'
import { UsageError } from './usage-error.js'

export const PARSE_FORMATS = ['save', 'json', 'none'] as const
export type ParseFormat = (typeof PARSE_FORMATS)[number]
export { PARSE_KINDS }

export interface ParseOptions {
  /** Path of the dump, or `-` for standard input. */
  readonly dump: string
  /** One of PARSE_KINDS (or a near spelling); absent: recognised. */
  readonly kind?: string
  readonly format?: ParseFormat
  /** Print the counters of rules too, as `iptables-save -c` does. */
  readonly counters?: boolean
  /** The dump stands inside something else: a bug report, a manifest, a log. */
  readonly paste?: boolean
  /** The table of `iptables -S` or `-L`, where the dump does not tell. */
  readonly table?: string
}

/**
 * The `parse` command: reads one dump, prints it back; problems go to stderr with their place.
 * @returns the exit code: 0, or 3 where something could not be read
 * @throws UsageError for an unknown kind, FileError for a file that can't be opened
 */
export async function runParse(
  options: ParseOptions,
  io: Pick<Io, 'out' | 'err' | 'stdin'>,
): Promise<number> {
  const { dump, format = 'save', counters = false, table, paste } = options
  const asked = options.kind === undefined ? undefined : kindOf(options.kind)
  if (table !== undefined && !Object.hasOwn(BUILTIN_CHAINS, table))
    throw new UsageError(
      'bad-table',
      `error: --table ${table}: expected one of ${Object.keys(BUILTIN_CHAINS).join(', ')}`,
    )
  const file = dump === '-' ? '<stdin>' : dump
  const whole = dump === '-' ? await readStream(io.stdin(), file) : readText(dump)
  const found = paste ? findDump(whole, asked) : undefined
  const text = found?.text ?? whole
  const kind = asked ?? found?.kind ?? recognise(text)
  const reader = kind === undefined ? undefined : READERS[kind]
  if (reader === undefined) {
    const [source = ''] = text.slice(0, 200).split('\n', 1)
    const message = whyNoReader(kind, text)
    return finish([{ file, line: 1, column: 1, message, source, severity: 'error' }], format, io)
  }
  const read = reader({ text, file, counters, ...(table !== undefined && { table }) })
  const problems = found ? read.problems.map(found.place) : read.problems
  const failed = problems.some(p => p.severity === 'error')
  if (!failed && format === 'json') io.out(`${JSON.stringify(read.model, null, 2)}\n`)
  if (!failed && format === 'save') io.out(read.print())
  return finish(problems, format, io)
}

function whyNoReader(kind: DumpKind | undefined, text: string): string {
  if (kind !== undefined) return `this looks like ${describeKind(kind)}`
  return text.trim() === ''
    ? 'the dump is empty: name its kind with --kind'
    : 'it is not plain which command printed this: name it with --kind'
}

/** `--kind` takes the names of the files in a snapshot, with their ending or without. */
function kindOf(word: string): DumpKind {
  const plain = word.replace(/\.(txt|json)$/, '').replace('-legacy-save', '-save')
  const short = new Map<string, string>([
    ['iptables-S', 'iptables-rules'],
    ['ip6tables-S', 'ip6tables-rules'],
    ['iptables-L', 'iptables-list'],
    ['ip6tables-L', 'ip6tables-list'],
    ['iptables', 'iptables-save'],
    ['ip6tables', 'ip6tables-save'],
    ['ipset', 'ipset-save'],
    ['ip6-route', 'ip-route'],
    ['ip-link', 'ip-addr'],
    ['ipvsadm-ln', 'ipvsadm'],
    ['ipvsadm-save', 'ipvsadm'],
  ])
  const name = short.get(plain) ?? plain
  const kind = PARSE_KINDS.find(k => k === name)
  if (kind) return kind
  throw new UsageError('bad-kind', `error: --kind ${word}: expected one of ${PARSE_KINDS.join(', ')}`)
}

function finish(problems: readonly Problem[], format: ParseFormat, io: Pick<Io, 'err'>): number {
  const failed = problems.some(p => p.severity === 'error')
  if (format === 'json') {
    if (problems.length > 0) io.err(`${JSON.stringify({ problems })}\n`)
  } else for (const problem of problems) io.err(`${formatProblem(problem)}\n`)
  return failed ? EXIT.input : EXIT.works
}
