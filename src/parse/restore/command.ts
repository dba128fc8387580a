import type { Rule } from '../../model/ruleset.js'
import type { RawOption, RawRule } from '../../xtables/raw.js'
import { inDoubt, lowerRule } from '../../xtables/rule.js'
import { changeChains } from './chain-commands.js'
import { familyHint } from './family-hint.js'
import { type LineProblem, error, type RuleNode, warning } from './nodes.js'
import type { OpenTable } from './open-table.js'
import type { RestoreContext } from './restore.js'
import { sameRule } from './same-rule.js'

/** Commands of iptables by their letter; `--append` and `-A` are one. */
const COMMANDS = new Map<string, string>(
  Object.entries({
    A: 'append',
    I: 'insert',
    D: 'delete',
    R: 'replace',
    C: 'check',
    N: 'new-chain',
    X: 'delete-chain',
    P: 'policy',
    E: 'rename-chain',
    F: 'flush',
    Z: 'zero',
    L: 'list',
    S: 'list-rules',
  }).flatMap(([letter, name]) => [
    [`-${letter}`, letter],
    [`--${name}`, letter],
  ]),
)

type Result = readonly LineProblem[] | undefined

/** One line of options: almost always `-A CHAIN …`, but whatever `iptables-restore` takes. */
export function takeCommand(table: OpenTable, node: RuleNode, line: number, context: RestoreContext): Result {
  const { options } = node
  let at = COMMANDS.has(options[0]!.flag) ? 0 : -1
  if (at < 0) at = options.findIndex(o => COMMANDS.has(o.flag))
  if (at < 0)
    return [error(options[0]!.column, 'no command in this line: a rule begins with -A and its chain')]
  const command = options[at]!
  const letter = COMMANDS.get(command.flag)!
  if (command.not) return [error(command.column, `! can't stand before ${command.flag}`)]
  const rest = at === 0 ? options.slice(1) : options.filter((_, i) => i !== at)
  if (letter === 'L' || letter === 'S' || letter === 'Z')
    return [warning(command.column, `${command.flag} changes no rule and is ignored`)]
  if ('NXPEF'.includes(letter)) {
    const stray = rest[0]
    if (stray) return [error(stray.column, `${stray.flag} makes no sense with ${command.flag}`)]
    return changeChains(table, letter, command, line)
  }
  const name = command.words[0]
  if (name === undefined) return [error(command.column, `${command.flag} needs the name of a chain`)]
  const chain = table.chains.get(name)
  if (!chain)
    return [
      error(
        command.column,
        `table ${table.name} has no chain ${name}: a line such as :${name} - [0:0] must come first`,
      ),
    ]
  // -c counts more than what stands before the rule (asked: iptables 1.8.9)
  const counters = rest.some(o => o.flag === '-c' || o.flag === '--set-counters') ? null : node.counters
  const raw: RawRule = {
    chain: name,
    ...(counters && { counters }),
    options: rest,
    text: node.text,
    line,
  }
  const place = placeOf(letter, command, chain.rules.length)
  if ('problem' in place) return [place.problem]
  if (letter === 'D' && place.at !== undefined) {
    chain.rules.splice(place.at, 1)
    return rest[0]
      ? [error(rest[0].column, `${rest[0].flag} makes no sense behind a rule's number`)]
      : undefined
  }
  const { rules, problems, unread } = lowerRule(raw, {
    table: table.name,
    family: context.family,
    backend: context.backend,
    chains: table.user,
    file: context.file,
  })
  if (problems.some(p => p.severity === 'error')) {
    // it keeps its place, so that a lenient walk meets it and the rules behind it keep their numbers
    if (unread && context.keepUnread && (letter === 'A' || letter === 'I'))
      edit(chain.rules, letter, place.at, [unread], context)
    return familyHint(problems, raw, context.family)
  }
  const missing = edit(chain.rules, letter, place.at, rules, context)
  if (missing) return [error(command.column, missing)]
  return problems.length > 0 ? problems : undefined
}

/** Keeps the place of a rule that could be read in part: what was read must match, the rest is unknown. */
export function keepUnreadable(
  table: OpenTable,
  node: RuleNode,
  line: number,
  why: string,
  { file, family, backend }: RestoreContext,
): void {
  const [command, ...options] = node.options
  const chain = table.chains.get(command?.words[0] ?? '')
  if (!chain || COMMANDS.get(command!.flag) !== 'A') return
  const raw: RawRule = { chain: chain.name, options, text: node.text, line }
  const { rules, unread } = lowerRule(raw, { table: table.name, family, backend, chains: table.user, file })
  const rule = unread ?? rules[0]
  if (rule) chain.rules.push(inDoubt(rule, why))
}

/** Puts the rules where the command says. Several come of one line that lists addresses. */
function edit(
  into: Rule[],
  letter: string,
  at: number | undefined,
  rules: readonly Rule[],
  context: RestoreContext,
): string | undefined {
  if (letter === 'A') for (const rule of rules) into.push(rule)
  // Each is inserted before the one that was inserted last (asked: iptables 1.8.9, -I with -s a,b)
  else if (letter === 'I') for (const rule of rules) into.splice(at ?? 0, 0, rule)
  else if (letter === 'R') into.splice(at ?? 0, 1, ...rules)
  else
    for (const rule of rules) {
      const found = into.findIndex(r => sameRule(r, rule, context.family))
      if (found < 0) return 'the chain holds no such rule'
      if (letter === 'D') into.splice(found, 1)
    }
  return undefined
}

/** The rule's number behind `-I CHAIN`, `-R CHAIN`, `-D CHAIN`, as an index. */
function placeOf(
  letter: string,
  command: RawOption,
  length: number,
): { readonly at?: number } | { readonly problem: LineProblem } {
  const words = command.words
  const bad = (message: string) => ({ problem: error(command.column, message) })
  const most = letter === 'A' || letter === 'C' ? 1 : 2
  if (words.length > most) return bad(`${command.flag} ${words[0]}: ${words[most]} is too much`)
  if (words.length < 2) return letter === 'R' ? bad('-R needs the number of a rule') : {}
  const number = /^\d{1,10}$/.test(words[1]!) ? Number(words[1]) : 0
  const last = letter === 'I' ? length + 1 : length
  if (number < 1 || number > last)
    return bad(
      `there is no place ${words[1]} in ${words[0]}, which holds ${length} rule${length === 1 ? '' : 's'}`,
    )
  return { at: number - 1 }
}
