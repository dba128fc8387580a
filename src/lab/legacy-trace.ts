import { type Packet, TCP } from '../model/packet.js'
import type { Netns, Snapshot } from '../model/snapshot.js'
import { namespacesOf } from '../snapshot/names.js'
import type { Pass } from './driver.js'
import { legacyName, stepOf } from './legacy-step.js'
import { FLAGS, label } from './read-trace.js'
import { isTalk, readPacket } from './read-frame.js'

/** What the agent heard of one rule: AF_INET or AF_INET6, `TRACE: filter:INPUT:rule:2 `, bytes from the IP header on. */
export type Logged = readonly [family: number, prefix: string, hex: string]

const AF_INET6 = 10

/** Files with rules of the legacy back end. */
export const legacyFiles = (snapshot: Snapshot): ReadonlySet<string> =>
  new Set(
    namespacesOf(snapshot).flatMap(n =>
      n.rulesets.filter(r => r.backend === 'legacy' && r.tables.length > 0).map(r => r.file),
    ),
  )

export const hasLegacy = ({ rulesets }: Netns): boolean =>
  rulesets.some(r => r.backend === 'legacy' && r.tables.length > 0)

interface Open {
  readonly packet: string
  readonly steps: string[]
  /** Where in raw it is, as long as it is there. */
  raw?: { readonly chain: string; readonly number: number }
}

/**
 * Packets' ways through the legacy tables of a namespace. The TRACE rule that begins them is told only of packets that
 * are traced already, so it is left out.
 */
export function legacyPassesOf(netns: Netns, logged: readonly Logged[]): Pass[] {
  const passes: Open[] = []
  const open = new Map<string, Open>()
  for (const [family, prefix, hex] of logged) {
    const [, table = '', chain = '', digits] =
      /^TRACE: ([^:]+):(.+):(?:rule|policy|return):(\d+) $/.exec(prefix) ?? []
    const bytes = Buffer.from(hex, 'hex')
    const packet = readPacket(bytes)
    if (digits === undefined || !packet || !isTalk(packet)) continue
    const number = Number(digits)
    const rules = rulesOf(netns, family === AF_INET6 ? 'ipv6' : 'ipv4', table, chain)
    const identity = identityOf(packet, bytes)
    let pass = open.get(identity)
    if (isBegin(pass, table, chain, number)) {
      pass = { packet: labelOf(packet), steps: [] }
      open.set(identity, pass)
      passes.push(pass)
    }
    if (!pass) continue
    if (table !== 'raw') delete pass.raw
    else if (chain === 'PREROUTING' || chain === 'OUTPUT') pass.raw = { chain, number }
    // get_chainname_rulenum() calls any verdict without a condition "policy" or "return", also that of a rule; the end
    // of a chain of one's own is no rule
    const rule = rules.texts[number - 1]
    if (rule === undefined && !rules.builtIn) continue
    if (!/^-A \S+ -j TRACE$/.test(rule ?? '')) pass.steps.push(stepOf(table, chain, number, rule))
  }
  return passes.map(({ packet, steps }) => ({ netns: legacyName(netns.name), packet, steps }))
}

/** In raw a way begins, unless the packet is there already and goes on. */
const isBegin = (pass: Open | undefined, table: string, chain: string, number: number): boolean =>
  table === 'raw' &&
  (chain === 'PREROUTING' || chain === 'OUTPUT') &&
  (pass?.raw?.chain !== chain || pass.raw.number >= number)

function rulesOf(netns: Netns, family: string, table: string, chain: string) {
  const found = netns.rulesets
    .filter(r => r.backend === 'legacy' && r.family === family)
    .flatMap(r => r.tables.filter(t => t.name === table))
    .flatMap(t => t.chains.filter(c => c.name === chain))[0]
  return { texts: (found?.rules ?? []).map(r => r.text), builtIn: found?.policy !== undefined }
}

/** What no table changes: IPv4's id, IPv6's flow label, and of TCP the flags and sequence numbers. */
function identityOf(packet: Packet, bytes: Buffer): string {
  const four = packet.family === 'ipv4'
  const own = four ? bytes.subarray(4, 6) : bytes.subarray(1, 4)
  const at = four ? (bytes[0]! & 0x0f) * 4 : 40
  const tcp = packet.tcpFlags === undefined ? '' : bytes.subarray(at + 4, at + 14).toString('hex')
  // of neighbour discovery the ends, which nothing changes
  const ends = packet.icmp?.target === undefined ? '' : `${packet.src}>${packet.dst}`
  return `${packet.proto} ${own.toString('hex')} ${tcp} ${packet.payload} ${ends}`
}

function labelOf(p: Packet): string {
  if (p.sport === undefined || p.dport === undefined)
    return `${p.src}>${p.dst}${p.icmp?.target === undefined ? '' : ' ND'}`
  const flags = FLAGS.filter(name => ((p.tcpFlags ?? 0) & TCP[name]) !== 0)
  return label(p.src, String(p.sport), p.dst, String(p.dport), flags.join(','))
}
