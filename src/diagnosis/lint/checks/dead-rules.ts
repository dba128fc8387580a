import type { Header, Rule } from '../../../model/ruleset.js'
import type { Finding } from '../../../talk/conversation.js'
import { sameUnderMask } from '../../../values/prefix.js'
import { printRule } from '../../../xtables/print-rule.js'
import type { AddressMask } from '../../../xtables/header.js'
import type { LintCheck } from '../check.js'
import { aboutRule, type ChainSpot, chainsOf, reached } from '../walk.js'

/** Beyond this many rules of a chain, later ones are not compared: the work grows with the square. */
const COMPARED = 3000
/** Rules that end the walk and ask little: only these can hide many others. */
const MOST_ENDING = 400

/** A rule before it ends the walk for everything that it could match. */
export const ruleShadowed: LintCheck = {
  id: 'rule-never-matches',
  title: 'A rule can never match',
  page: `An earlier rule of the same chain takes everything that this one asks for, and ends the walk (ACCEPT, DROP,
REJECT, RETURN, a goto, or a NAT target), or the rule asks for what no packet can be. Such a rule looks as if it
protected or allowed something and does nothing. Move it before the one that hides it, or delete it.`,
  look(snapshot) {
    const found: Finding[] = []
    for (const spot of chainsOf(snapshot)) {
      const ending: { rule: Rule; number: number; asks: Set<string> }[] = []
      spot.chain.rules.slice(0, COMPARED).forEach((rule, i) => {
        const never = impossible(rule)
        if (never)
          found.push(
            aboutRule(
              ruleShadowed.id,
              'warning',
              spot,
              rule,
              `rule ${i + 1} of ${spot.table.name} ${spot.chain.name} can never match: ${never}`,
            ),
          )
        const asks = matchWords(rule, spot)
        const by = ending.find(
          e => covers(e.rule.header, rule.header) && [...e.asks].every(word => asks.has(word)),
        )
        if (by) found.push(shadow(spot, rule, i + 1, by.number, by.rule))
        else if (
          ends(rule) &&
          rule.matches.every(use => use.known && TIMELESS.has(use.name)) &&
          ending.length < MOST_ENDING
        )
          ending.push({ rule, number: i + 1, asks })
      })
    }
    return found
  },
}

const shadow = (spot: ChainSpot, rule: Rule, number: number, by: number, other: Rule): Finding =>
  aboutRule(
    'rule-never-matches',
    'warning',
    spot,
    rule,
    `rule ${number} of ${spot.table.name} ${spot.chain.name} can never match: rule ${by} («${other.text}») takes all that it asks for`,
  )

/** Matches that answer the same for the same packet; a limit or a random choice lets some through. */
const TIMELESS = new Set([
  'comment',
  'tcp',
  'udp',
  'icmp',
  'icmp6',
  'conntrack',
  'state',
  'mark',
  'addrtype',
  'multiport',
  'set',
  'physdev',
  'iprange',
  'mac',
  'connmark',
])

const NOT_ENDING = new Set([
  'LOG',
  'NFLOG',
  'ULOG',
  'TRACE',
  'MARK',
  'CONNMARK',
  'CT',
  'NOTRACK',
  'TCPMSS',
  'CLASSIFY',
  'DSCP',
  'TOS',
  'TTL',
  'HL',
  'SET',
  'AUDIT',
  'CHECKSUM',
  'TEE',
  'SECMARK',
  'CONNSECMARK',
  'ECN',
  'HMARK',
  'IDLETIMER',
  'LED',
  'RATEEST',
  'TCPOPTSTRIP',
])

function ends({ jump }: Rule): boolean {
  if (jump.kind === 'verdict' || jump.kind === 'goto') return true
  return jump.kind === 'target' && jump.target.known && !NOT_ENDING.has(jump.target.name)
}

/** The matches of a rule as printed, without comments. */
const matchWords = (rule: Rule, { ruleset, chain }: ChainSpot): Set<string> =>
  new Set(
    rule.matches.length === 0
      ? []
      : printRule({ ...rule, header: rule.header, jump: { kind: 'none' } }, chain.name, ruleset)
          .split(/ -m /)
          .slice(1)
          .filter(words => !words.startsWith('comment ') && !/^(tcp|udp)$/.test(words.trim())),
  )

function covers(a: Header, b: Header): boolean {
  return (
    inside(a.src, b.src) &&
    inside(a.dst, b.dst) &&
    (a.proto === undefined || (a.proto.value === b.proto?.value && a.proto.not === b.proto.not)) &&
    (a.in === undefined || (a.in.name === b.in?.name && a.in.not === b.in.not)) &&
    (a.out === undefined || (a.out.name === b.out?.name && a.out.not === b.out.not)) &&
    (a.fragment === undefined || a.fragment.not === b.fragment?.not) &&
    (a.only === undefined || a.only === b.only)
  )
}

/** Is every address that `b` takes one that `a` takes? */
function inside(a: AddressMask | undefined, b: AddressMask | undefined): boolean {
  if (a === undefined) return true
  if (b === undefined || a.bits.length !== b.bits.length) return false
  if (a.not || b.not)
    return a.not === b.not && a.address === b.address && a.mask.every((m, i) => m === b.mask[i])
  return a.mask.every((m, i) => (m & b.mask[i]!) >>> 0 === m) && sameUnderMask(a.bits, b.bits, a.mask)
}

/** What a rule asks for and no packet can be. */
function impossible({ header, text }: Rule): string | undefined {
  const { src, dst } = header
  for (const [what, side] of [
    ['source', src],
    ['destination', dst],
  ] as const)
    if (side?.not && side.mask.every(m => m === 0)) return `no ${what} lies outside all networks`
  const tests = [...text.matchAll(/ -m mark( !)? --mark (\S+)/g)].map(
    m => [m[1] !== undefined, m[2]] as const,
  )
  if (tests.some(([not, mark]) => !not && tests.some(([other, same]) => other && same === mark)))
    return 'it asks that a mark be set and not set'
  return undefined
}

/** Chains that hold rules and that nobody calls. */
export const chainNeverCalled: LintCheck = {
  id: 'chain-never-called',
  title: 'No built-in chain leads to a chain that holds rules',
  page: `Rules of a chain count only where a built-in chain (INPUT, FORWARD, …) jumps to it, directly or through others.
A chain without callers is a left-over, or its jump was lost: flushing INPUT takes the jump to a firewall's own chain
away and leaves the chain. Chains that tools keep as sentinels (KUBE-*-CANARY) are not reported.`,
  look(snapshot) {
    const found: Finding[] = []
    const seen = new Map<object, Set<string>>()
    for (const spot of chainsOf(snapshot)) {
      const { chain, table } = spot
      if (chain.policy !== undefined || /CANARY|HINT/.test(chain.name)) continue
      const called = seen.get(table) ?? reached(table)
      seen.set(table, called)
      const [first] = chain.rules
      if (called.has(chain.name) || !first) continue
      found.push(
        aboutRule(
          chainNeverCalled.id,
          /^KUBE-(MARK-DROP|MARK-MASQ|NODE-PORT|LOAD-BALANCER|SOURCE-RANGES-FIREWALL)$|^(DOCKER|CNI-)/.test(
            chain.name,
          )
            ? 'info'
            : 'warning',
          { ...spot },
          first,
          `chain ${chain.name} of ${table.name} on ${spot.netns.name} holds ${chain.rules.length} rule${chain.rules.length === 1 ? '' : 's'}, and no built-in chain leads to it`,
        ),
      )
    }
    return found
  },
}
