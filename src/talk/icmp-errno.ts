import type { Packet } from '../model/packet.js'
import type { Here } from '../run/here.js'
import type { FlowOutcome } from './conversation.js'

interface Meaning {
  readonly outcome: FlowOutcome
  /** Reported to a UDP socket as well; a TCP connect hears of all. */
  readonly fatal: boolean
}

const meaning = (outcome: FlowOutcome, fatal: boolean): Meaning => ({ outcome, fatal })

/** icmp_err_convert[] (net/ipv4/icmp.c), by code of a destination unreachable. */
const V4: readonly (Meaning | undefined)[] = [
  meaning('net-unreachable', false),
  meaning('host-unreachable', false),
  meaning('protocol-unreachable', true),
  meaning('refused', true),
  undefined,
  undefined,
  meaning('net-unreachable', true),
  meaning('host-unreachable', true),
  meaning('net-unreachable', true),
  meaning('net-unreachable', true),
  meaning('host-unreachable', true),
  meaning('net-unreachable', false),
  meaning('host-unreachable', false),
  meaning('host-unreachable', true),
  meaning('host-unreachable', true),
  meaning('host-unreachable', true),
]

/** tab_unreach[] (net/ipv6/icmp.c). */
const V6: readonly (Meaning | undefined)[] = [
  meaning('net-unreachable', false),
  meaning('not-permitted', true),
  meaning('host-unreachable', false),
  meaning('host-unreachable', false),
  meaning('refused', true),
  meaning('not-permitted', true),
  meaning('not-permitted', true),
]

/** What an ICMP error means to the program whose packet it quotes; undefined: it hears nothing. */
export function errnoOf(packet: Packet): Meaning | undefined {
  const { icmp } = packet
  if (!icmp) return undefined
  if (packet.family === 'ipv4') {
    if (icmp.type === 3) return V4[icmp.code]
    // time exceeded: EHOSTUNREACH, not fatal
    return icmp.type === 11 ? meaning('host-unreachable', false) : undefined
  }
  if (icmp.type === 1) return V6[icmp.code]
  if (icmp.type === 3) return meaning('host-unreachable', false)
  return icmp.type === 4 && icmp.code === 1 ? meaning('protocol-unreachable', true) : undefined
}

/** Seconds that connect(2) keeps its socket to itself: what waited for anything in between comes too late for that. */
const WITHIN_CONNECT = 0.01

/**
 * tcp_v6_err(): an error that comes back while connect(2) holds the socket is kept as a soft one. That is so
 * where the answer is made on the same machine, within the very call that sent the SYN (seen on 6.18; IPv4
 * reports it at once), but not where a neighbour was waited for.
 * @param age seconds since the SYN was sent
 */
export function isHeldByConnect({ family }: Packet, here: Here, netns: string, age: number): boolean {
  const born = here.trace.events[0]?.netns
  const node = (name: string | undefined) => name !== undefined && here.run.world.space(name).netns.node
  return family === 'ipv6' && age < WITHIN_CONNECT && (here.run.inLab || node(born) === node(netns))
}
