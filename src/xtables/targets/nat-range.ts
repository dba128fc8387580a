import { type Family, familyOf, type Ip, parseIp } from '../../values/ip.js'
import { PROTO } from '../../values/proto.js'
import type { NatRange } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, type OptionSpec } from '../options.js'
import { servicePort } from '../services.js'

/** `80`, `80-90`, `80-90/8000`: the ports that a NAT target may choose from. */
export interface PortSpan {
  readonly minPort: number
  readonly maxPort: number
  /** The port that `minPort` stands for; others keep their distance from it. */
  readonly basePort?: number
}

/** What stands after --to-destination and --to-source: addresses, ports, or both. */
export type NatTo = { readonly minAddress?: Ip; readonly maxAddress?: Ip } & Partial<PortSpan>

/** Reads ports as the NAT targets do: number or service name, then `-max`, then `/base`. @throws BadValue */
export function readPortSpan(text: string): PortSpan {
  if (text.includes(':')) throw new BadValue(`ports "${text}" are written with a dash, not a colon`)
  const first = leadingPort(text)
  if (!first) {
    const port = servicePort(text)
    if (port === undefined) throw new BadValue(`port "${text}" is not valid`)
    return { minPort: port, maxPort: port }
  }
  if (first.rest === '') return { minPort: first.port, maxPort: first.port }
  if (first.rest[0] !== '-') throw new BadValue(`garbage after the port: "${first.rest}"`)
  const second = leadingPort(first.rest.slice(1))
  if (!second) throw new BadValue(`port "${first.rest.slice(1)}" is not valid`)
  if (second.port < first.port) throw new BadValue(`port range ${first.port}-${second.port} runs backwards`)
  const span = { minPort: first.port, maxPort: second.port }
  if (second.rest === '') return span
  if (second.rest[0] !== '/') throw new BadValue(`garbage after the port range: "${second.rest}"`)
  const word = second.rest.slice(1)
  const base = leadingPort(word)?.port ?? servicePort(word)
  if (base === undefined || base === 0) throw new BadValue(`base port "${word}" is not valid`)
  return { ...span, basePort: base }
}

/** The number that a text begins with, and what is behind it; undefined if it begins with none up to 65535. */
function leadingPort(text: string): { port: number; rest: string } | undefined {
  const digits = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(text)?.[0]
  if (digits === undefined) return undefined
  const port = readUint(digits, 0xffff)
  return Number.isNaN(port) ? undefined : { port, rest: text.slice(digits.length) }
}

export const portSpanText = (s: PortSpan): string =>
  `${s.minPort}${s.maxPort === s.minPort ? '' : `-${s.maxPort}`}${s.basePort === undefined ? '' : `/${s.basePort}`}`

/** @throws BadValue */
export function readNatTo(word: string, family: Family): NatTo {
  const { addresses, ports } = family === 'ipv4' ? splitV4(word) : splitV6(word)
  const span = ports === undefined ? {} : readPortSpan(ports)
  if (addresses === '') {
    if (ports === undefined) throw new BadValue(`bad IP address "${word}"`)
    return span
  }
  const dash = addresses.indexOf('-')
  const min = oneAddress(dash < 0 ? addresses : addresses.slice(0, dash), family)
  return {
    minAddress: min,
    maxAddress: dash < 0 ? min : oneAddress(addresses.slice(dash + 1), family),
    ...span,
  }
}

function splitV4(word: string): { addresses: string; ports?: string } {
  const colon = word.indexOf(':')
  return colon < 0 ? { addresses: word } : { addresses: word.slice(0, colon), ports: word.slice(colon + 1) }
}

/** Addresses stand in brackets before ports; without brackets only a lone `:port` is one. */
function splitV6(word: string): { addresses: string; ports?: string } {
  if (!word.startsWith('['))
    return /^:[^:]*$/.test(word) ? { addresses: '', ports: word.slice(1) } : { addresses: word }
  const end = word.indexOf(']')
  if (end < 0) throw new BadValue(`the bracket in "${word}" is not closed`)
  // whatever stands between the bracket and the colon is passed over, as the tool does
  const colon = word.indexOf(':', end)
  return { addresses: word.slice(1, end), ...(colon >= 0 && { ports: word.slice(colon + 1) }) }
}

function oneAddress(text: string, family: Family): Ip {
  const address = /(^|\.)0\d/.test(text) && family === 'ipv4' ? undefined : parseIp(text)
  if (address === undefined || familyOf(address) !== family) throw new BadValue(`bad IP address "${text}"`)
  return address
}

export function natToText(to: NatTo): string {
  const range =
    to.minAddress === undefined
      ? ''
      : to.minAddress === to.maxAddress
        ? to.minAddress
        : `${to.minAddress}-${to.maxAddress}`
  if (to.minPort === undefined) return range
  const ports = portSpanText(to as PortSpan)
  return range.includes(':') ? `[${range}]:${ports}` : `${range}:${ports}`
}

/** `base`: what becomes of `/base`: DNAT keeps it, SNAT's older structure has no room and prints 0. */
export const natTo = (flag: string, base: 'keep' | 'zero'): OptionSpec<NatTo> => ({
  flags: [flag],
  words: 1,
  required: true,
  read([word], { family }) {
    const to = readNatTo(word!, family)
    return base === 'zero' && to.basePort !== undefined ? { ...to, basePort: 0 } : to
  },
  print: to => [natToText(to)],
})

/** `--to-ports` of MASQUERADE and REDIRECT. */
export const toPorts = (base: 'zero' | 'refuse'): OptionSpec<PortSpan> => ({
  flags: ['--to-ports'],
  words: 1,
  read([word]) {
    const span = readPortSpan(word!)
    if (span.basePort === undefined) return span
    if (base === 'refuse') throw new BadValue('a shifted port range is not possible here')
    return { ...span, basePort: 0 }
  },
  print: s => [portSpanText(s)],
})

const PORT_PROTOS: readonly number[] = [PROTO.tcp, PROTO.udp, PROTO.sctp, PROTO.dccp, PROTO.icmp]

/** Ports need a protocol that has some; the tool lets `! -p tcp` through, and icmp for its id. */
export const portsNeedProto = (
  to: Partial<PortSpan> | undefined,
  rule: { readonly proto?: number },
): string | undefined =>
  to?.minPort !== undefined && !PORT_PROTOS.includes(rule.proto ?? 0)
    ? 'ports need -p tcp, udp, sctp or dccp'
    : undefined

/** The range that nat is asked for, with the flags beside it. */
export const natRange = (
  to: NatTo | undefined,
  flags: {
    readonly random?: unknown
    readonly randomFully?: unknown
    readonly persistent?: unknown
  } = {},
): NatRange => ({
  ...to,
  ...(flags.random !== undefined && { random: true }),
  ...(flags.randomFully !== undefined && { randomFully: true }),
  ...(flags.persistent !== undefined && { persistent: true }),
})
