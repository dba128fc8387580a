import type { Family } from '../../values/ip.js'
import type { RejectWith } from '../extension.js'

/** One answer that REJECT can give, and the packet it makes: an ICMP error of this type and code, or a RST. */
export interface RejectType {
  /** As iptables-save prints it. */
  readonly name: string
  readonly alias: string
  /** Absent: TCP RST. */
  readonly icmp?: { readonly type: number; readonly code: number }
}

const icmp = (name: string, alias: string, type: number, code: number): RejectType => ({
  name,
  alias,
  icmp: { type, code },
})

/** net/ipv4/netfilter/ipt_REJECT.c reject_tg(). The order decides which name an abbreviation stands for. */
const V4: readonly RejectType[] = [
  icmp('icmp-net-unreachable', 'net-unreach', 3, 0),
  icmp('icmp-host-unreachable', 'host-unreach', 3, 1),
  icmp('icmp-proto-unreachable', 'proto-unreach', 3, 2),
  icmp('icmp-port-unreachable', 'port-unreach', 3, 3),
  icmp('icmp-net-prohibited', 'net-prohib', 3, 9),
  icmp('icmp-host-prohibited', 'host-prohib', 3, 10),
  { name: 'tcp-reset', alias: 'tcp-rst' },
  icmp('icmp-admin-prohibited', 'admin-prohib', 3, 13),
]

/** net/ipv6/netfilter/ip6t_REJECT.c reject_tg6(). */
const V6: readonly RejectType[] = [
  icmp('icmp6-no-route', 'no-route', 1, 0),
  icmp('icmp6-adm-prohibited', 'adm-prohibited', 1, 1),
  icmp('icmp6-addr-unreachable', 'addr-unreach', 1, 3),
  icmp('icmp6-port-unreachable', 'port-unreach', 1, 4),
  { name: 'tcp-reset', alias: 'tcp-reset' },
  icmp('icmp6-policy-fail', 'policy-fail', 1, 5),
  icmp('icmp6-reject-route', 'reject-route', 1, 6),
]

/** Every `--reject-with` name of a family, in the tool's order. */
export const rejectTypes = (family: Family): readonly RejectType[] => (family === 'ipv4' ? V4 : V6)

/** What a bare `-j REJECT` answers with: port unreachable. */
export const defaultRejectType = (family: Family): RejectType => rejectTypes(family)[3]!

/** By name, alias, or the beginning of either in any case, as the tool looks it up; the first one wins. */
export function findRejectType(word: string, family: Family): RejectType | undefined {
  const lower = word.toLowerCase()
  return rejectTypes(family).find(t => t.name.startsWith(lower) || t.alias.startsWith(lower))
}

/** The outcome of an answer: what the engine sends back. */
export const rejectWith = (t: RejectType): RejectWith =>
  t.icmp ? { kind: 'icmp', ...t.icmp, name: t.name } : { kind: 'tcp-reset' }
