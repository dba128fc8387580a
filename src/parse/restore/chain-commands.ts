import type { RawOption } from '../../xtables/raw.js'
import { type LineProblem, error } from './nodes.js'
import { addUserChain, isReferenced, nameComplaint, type OpenTable } from './open-table.js'

/** The commands that concern chains as a whole: -N, -X, -P, -E, -F. */
export function changeChains(
  table: OpenTable,
  letter: string,
  command: RawOption,
  line: number,
): readonly LineProblem[] | undefined {
  const [name, second, ...more] = command.words
  const bad = (message: string) => [error(command.column, message)]
  const wanted = letter === 'P' || letter === 'E' ? 2 : 1
  if (more.length > 0 || (second !== undefined && wanted === 1))
    return bad(`${command.flag} has too many words behind it`)
  if (name === undefined) {
    if (letter === 'F') for (const chain of table.chains.values()) chain.rules = []
    if (letter === 'F') return undefined
    if (letter !== 'X') return bad(`${command.flag} needs the name of a chain`)
    return [...table.user].map(user => remove(table, user)).find(m => m !== undefined) === undefined
      ? undefined
      : bad('a chain that is not empty, or that a rule jumps to, stays')
  }
  const chain = table.chains.get(name)
  if (letter === 'N') {
    if (chain) return bad(`chain ${name} exists already (line ${chain.line})`)
    const complaint = nameComplaint(name)
    if (complaint) return bad(complaint)
    addUserChain(table, name, line)
    return undefined
  }
  if (!chain) return bad(`table ${table.name} has no chain ${name}`)
  if (letter === 'F') {
    chain.rules = []
    return undefined
  }
  if (letter === 'P') {
    if (chain.policy === undefined) return bad(`${name} is no built-in chain and has no policy`)
    if (second !== 'ACCEPT' && second !== 'DROP')
      return bad(`a policy is ACCEPT or DROP, not ${second ?? 'nothing'}`)
    chain.policy = second
    return undefined
  }
  if (chain.policy !== undefined) return bad(`${name} is built in and stays as it is`)
  if (letter === 'X') {
    const complaint = remove(table, name)
    return complaint === undefined ? undefined : bad(complaint)
  }
  return rename(table, name, second, bad)
}

function remove(table: OpenTable, name: string): string | undefined {
  if (table.chains.get(name)!.rules.length > 0) return `chain ${name} is not empty`
  if (isReferenced(table, name)) return `a rule jumps to chain ${name}`
  table.chains.delete(name)
  table.user.delete(name)
  return undefined
}

function rename(
  table: OpenTable,
  from: string,
  to: string | undefined,
  bad: (message: string) => readonly LineProblem[],
): readonly LineProblem[] | undefined {
  if (to === undefined) return bad('-E needs the old and the new name of a chain')
  const complaint = table.chains.has(to) ? `chain ${to} exists already` : nameComplaint(to)
  if (complaint) return bad(complaint)
  const old = table.chains.get(from)!
  table.chains.delete(from)
  table.user.delete(from)
  table.chains.set(to, { ...old, name: to })
  table.user.add(to)
  for (const chain of table.chains.values())
    chain.rules = chain.rules.map(r =>
      'chain' in r.jump && r.jump.chain === from ? { ...r, jump: { ...r.jump, chain: to } } : r,
    )
  return undefined
}
