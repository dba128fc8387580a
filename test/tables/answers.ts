import type { Backend } from '../../src/model/ruleset.js'
import { type Answer, BACKENDS, bothAnswers, type Sheet } from './table.js'
import type { Came } from './simulator.js'

/** Someone who lets the packets of a sheet meet some of its rules. */
export type Ask = (
  rules: readonly string[],
  backend: Backend,
) => Promise<Map<string, Came>> | Map<string, Came>

export type Answers = Pick<Sheet, 'rules' | 'targets' | 'unknown'>

/** What a side says of a sheet, in the form in which tables are written. */
export async function answersOf(sheet: Sheet, ask: Ask): Promise<Answers> {
  const backends = sheet.only ? [sheet.only] : BACKENDS
  const unknown: Record<string, Set<string>> = {}
  const doubt = (rule: string, packet: string): void => {
    unknown[rule] ??= new Set()
    unknown[rule].add(packet)
  }
  const out: { rules?: Record<string, Answer>; targets?: Record<string, Record<string, Answer>> } = {}
  if (sheet.rules) {
    const rules = Object.keys(sheet.rules)
    const by: Partial<Record<Backend, string[]>> = {}
    for (const backend of backends) {
      const came = await ask(rules, backend)
      by[backend] = rules.map((rule, i) => {
        for (const [name, { doubts }] of came) if (doubts.has(i)) doubt(rule, name)
        return [...came]
          .flatMap(([name, { hits }]) => (hits[i]! > 1 ? [`${name}*${hits[i]}`] : hits[i] ? [name] : []))
          .join(' ')
      })
    }
    out.rules = Object.fromEntries(
      rules.map((rule, i) => [rule, bothAnswers(Object.fromEntries(backends.map(b => [b, by[b]![i]!])))]),
    )
  }
  if (sheet.targets) {
    out.targets = {}
    for (const rule of Object.keys(sheet.targets)) {
      const by: Record<string, Partial<Record<Backend, string>>> = {}
      for (const backend of backends)
        for (const [name, { heard, doubts }] of await ask([rule], backend)) {
          by[name] = { ...by[name], [backend]: heard }
          if (doubts.has(0)) doubt(rule, name)
        }
      out.targets[rule] = Object.fromEntries(
        Object.entries(by).map(([name, answer]) => [name, bothAnswers(answer)]),
      )
    }
  }
  const untold = Object.fromEntries(
    Object.entries(unknown).map(([rule, names]) => [rule, [...names].join(' ')]),
  )
  return { ...out, ...(Object.keys(untold).length > 0 && { unknown: untold }) }
}

/** Where the simulator says that it does not know, any answer of the kernel's is right. */
export function withoutUnknown(answers: Answers, unknown: Sheet['unknown']): Answers {
  if (!unknown) return answers
  const names = (rule: string): readonly string[] => unknown[rule]?.split(' ') ?? []
  const strip = (rule: string, text: string): string =>
    text
      .split(' ')
      .filter(name => !names(rule).includes(name.replace(/\*\d+$/, '')))
      .join(' ')
  const each = (answer: Answer, of: (text: string) => string): Answer =>
    typeof answer === 'string' ? of(answer) : { legacy: of(answer.legacy), nft: of(answer.nft) }
  const { rules, targets } = answers
  return {
    ...(rules && {
      rules: Object.fromEntries(
        Object.entries(rules).map(([rule, a]) => [rule, each(a ?? '', text => strip(rule, text))]),
      ),
    }),
    ...(targets && {
      targets: Object.fromEntries(
        Object.entries(targets).map(([rule, by]) => [
          rule,
          Object.fromEntries(Object.entries(by).filter(([name]) => !names(rule).includes(name))),
        ]),
      ),
    }),
  }
}
