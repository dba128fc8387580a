import type { TraceEvent } from '../trace/events.js'
import type { Row } from './rows.js'

/** Columns: hooks stand here, tables behind them, words behind those. */
export const HOOK_AT = 4
export const HOOK_WIDTH = 13
export const TABLE_WIDTH = 11

type RuleEvent = Extract<TraceEvent, { kind: 'rule' }>
type Decision = Extract<TraceEvent, { kind: 'rule' | 'policy' }>

/** A row under the hook column: `label` is the hook (or the stage), `second` the table. */
export const stage = (label: string, second: string, text: string, more: Partial<Row> = {}): Row => ({
  indent: HOOK_AT,
  labels: [
    [label, HOOK_WIDTH],
    [second, TABLE_WIDTH],
  ],
  text,
  ...more,
})

/** `KUBE-SERVICES 4 > KUBE-SVC-X 2, KUBE-POSTROUTING 1`: `>` where a jump was taken, a comma where the walk went on. */
export function chainPath(rules: readonly RuleEvent[]): string {
  let path = ''
  let last: RuleEvent | undefined
  for (const rule of rules) {
    const jumped = (last?.verdict === 'JUMP' || last?.verdict === 'GOTO') && last.jump === rule.chain
    const name =
      last !== undefined && last.chain === rule.chain ? `${rule.number}` : `${rule.chain} ${rule.number}`
    path +=
      last === undefined ? name : (jumped ? ' > ' : ', ') + (jumped ? `${rule.chain} ${rule.number}` : name)
    last = rule
  }
  return path
}

/** The target as the rule spells it (`DNAT`, `REJECT`), which says more than the kernel's verdict. */
export function targetOf(rule: RuleEvent): string {
  const words = / -[jg] (\S+)/.exec(rule.text)
  return words?.[1] ?? rule.verdict
}

const isFinal = (event: Decision) =>
  event.verdict !== 'CONTINUE' && event.verdict !== 'JUMP' && event.verdict !== 'GOTO'

/** What one table made of the packet: the rules hit, in order, and what decided. */
export function tableRows(
  label: string,
  table: string,
  decisions: readonly Decision[],
  detailed: boolean,
): Row[] {
  const rules = decisions.filter(event => event.kind === 'rule')
  const last = decisions.at(-1)!
  const dropped = last.verdict === 'DROP'
  const tone = dropped ? 'bad' : 'plain'
  if (rules.length === 0)
    return [stage(label, table, `policy ${last.verdict}`, { tone: dropped ? 'bad' : 'dim' })]
  const end =
    last.kind === 'policy'
      ? `; then policy ${last.verdict}`
      : isFinal(last)
        ? `  ${targetOf(last)}${dropped && targetOf(last) !== 'DROP' ? ' (drops it)' : ''}`
        : ''
  const rows = [stage(label, table, chainPath(rules) + end, { tone, hang: 2 })]
  for (const rule of rules) {
    // a jump says nothing that the path doesn't; what decided, or did something, is quoted
    if (!detailed && rule.verdict !== 'DROP' && rule !== last) continue
    rows.push(stage('', '', rule.text, { tone: rule.verdict === 'DROP' ? 'bad' : 'dim', hang: 2 }))
  }
  return rows
}
