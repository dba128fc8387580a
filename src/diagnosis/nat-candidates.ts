import type { Rule, Ruleset } from '../model/ruleset.js'
import type { Netns } from '../model/snapshot.js'
import { ipBits } from '../values/ip.js'
import { sameUnderMask } from '../values/prefix.js'
import type { Inquiry } from './inquiry.js'

/** A nat rule that is about the address or port that was asked. */
export interface Candidate {
  readonly netns: Netns
  readonly ruleset: Ruleset
  readonly chain: string
  readonly number: number
  readonly rule: Rule
}

/** Targets and chains that send a packet on to somebody else. */
export const SENDS = / -j (DNAT|REDIRECT|KUBE-(SVC|EXT|FW|XLB|SVL|SEP)-\w+|CNI-DN-\w+)\b/

/** Machines that the request passed, and that have rules to translate with. */
export function pathHosts(inquiry: Inquiry): Netns[] {
  const names = new Set(inquiry.requests.flatMap(p => p.events.map(e => e.netns)))
  return [...names].map(name => inquiry.netns(name)).filter(n => n.isHost || n.rulesets.length > 0)
}

/** The rules of a machine that send on what is for the address that was asked, or (without an address) for its port. */
export function candidatesIn(netns: Netns, inquiry: Inquiry): Candidate[] {
  const { dst, dport } = inquiry.flow
  const bits = ipBits(dst)
  const found: Candidate[] = []
  const forPort = new RegExp(` --dports? (\\S*,)?${dport}(,|\\s|$)`)
  for (const ruleset of netns.rulesets)
    for (const chain of ruleset.tables.find(t => t.name === 'nat')?.chains ?? [])
      chain.rules.forEach((rule, i) => {
        if (!SENDS.test(rule.text) || ruleset.family !== inquiry.family) return
        const { header } = rule
        const specific = header.dst && !header.dst.not && header.dst.mask.at(-1) === 0xffffffff
        const byAddress = specific && sameUnderMask(bits, header.dst!.bits, header.dst!.mask)
        const byPort = !header.dst && forPort.test(rule.text)
        if (byAddress || byPort) found.push({ netns, ruleset, chain: chain.name, number: i + 1, rule })
      })
  return found
}

/** A nat rule by its text. */
export const ruleAt = (ruleset: Ruleset, text: string): Rule | undefined =>
  ruleset.tables
    .find(t => t.name === 'nat')
    ?.chains.flatMap(c => c.rules)
    .find(r => r.text === text)

/** Built-in chains that lead to a chain, itself included. */
export function callers(ruleset: Ruleset, chain: string): Set<string> {
  const chains = ruleset.tables.find(t => t.name === 'nat')?.chains ?? []
  const reach = new Set([chain])
  for (let grown = true; grown; ) {
    grown = false
    for (const c of chains)
      if (!reach.has(c.name) && c.rules.some(r => 'chain' in r.jump && reach.has(r.jump.chain))) {
        reach.add(c.name)
        grown = true
      }
  }
  return new Set([...reach].filter(name => chains.some(c => c.name === name && c.policy !== undefined)))
}

/** The rule of a built-in chain by which it leads to another. */
export function rootOf(ruleset: Ruleset, chain: string, builtin: string): string {
  const rules = ruleset.tables.find(t => t.name === 'nat')?.chains.find(c => c.name === builtin)?.rules ?? []
  if (chain === builtin) return rules.find(r => SENDS.test(r.text))?.text ?? ''
  return (
    rules.find(
      r => 'chain' in r.jump && (r.jump.chain === chain || callersOf(ruleset, chain).has(r.jump.chain)),
    )?.text ?? ''
  )
}

/** All chains that lead to a chain, itself included. */
export function callersOf(ruleset: Ruleset, chain: string): Set<string> {
  const chains = ruleset.tables.find(t => t.name === 'nat')?.chains ?? []
  const reach = new Set([chain])
  for (let size = 0; size < reach.size; ) {
    size = reach.size
    for (const c of chains)
      if (c.rules.some(r => 'chain' in r.jump && reach.has(r.jump.chain))) reach.add(c.name)
  }
  return reach
}

/** Does a rule mean the protocol and port that were asked? */
export function portFits(rule: Rule, { flow }: Inquiry): boolean {
  if (rule.header.proto && !rule.header.proto.not) {
    const word = / -p (\S+)/.exec(rule.text)?.[1]
    if (word !== flow.proto) return false
  }
  const port = / --dport (\d+)(?: |$)/.exec(rule.text)?.[1]
  return port === undefined || Number(port) === flow.dport
}
