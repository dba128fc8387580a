import { type Packet, TCP } from '../model/packet.js'
import type { Capture } from '../talk/conversation.js'
import { icmpName } from '../skb/icmp-names.js'
import { tcpFlagNames } from '../skb/packet-summary.js'
import { isIcmp, PROTO, protoLabel } from '../values/proto.js'
import { isTalk, readFrame } from './read-frame.js'

/** A frame at a device, in the words that sides are compared in. */
export interface Frame {
  readonly netns: string
  readonly iface: string
  readonly dir: 'In' | 'Out'
  /** `tcp 10.0.0.1:41000>10.0.0.2:80 SYN ttl 64 … to 02:00:00:00:00:01`. */
  readonly label: string
}

/** A frame as the agent hands it over: device, direction, type of link, VLAN, bytes. */
export type RawFrame = readonly [
  iface: string,
  dir: 'In' | 'Out',
  link: number,
  vlan: number | null,
  hex: string,
]

/** Of the frames in a namespace, those that a conversation may be made of. */
export const framesOf = (netns: string, raw: readonly RawFrame[]): Frame[] =>
  raw.flatMap(([iface, dir, link, vlan, hex]) => {
    const packet = readFrame(Buffer.from(hex, 'hex'), link, vlan ?? undefined)
    return packet && isTalk(packet) ? [{ netns, iface, dir, label: wireLabel(packet) }] : []
  })

/** The same of the simulator's walk. */
export const simulatedFrames = (captures: readonly Capture[]): Frame[] =>
  captures.flatMap(({ netns, iface, dir, wire }) =>
    isTalk(wire) ? [{ netns, iface, dir, label: wireLabel(wire) }] : [],
  )

/** Everything of a frame that both sides can tell. */
function wireLabel(p: Packet): string {
  const words = [
    protoLabel(p.proto),
    ends(p),
    ...(p.vni !== undefined ? [`vni ${p.vni}`] : details(p)),
    `ttl ${p.ttl}`,
    p.tos === 0 ? '' : `tos ${p.tos}`,
    // IPv6 has no such bit: nobody but the sender fragments
    p.dontFragment && p.family === 'ipv4' ? 'DF' : '',
    p.eth ? `to ${p.eth.dst}` : '',
    p.eth?.vlan === undefined ? '' : `vlan ${p.eth.vlan}`,
    p.inner ? `( ${wireLabel(p.inner)} )` : '',
  ]
  return words.filter(Boolean).join(' ')
}

function ends(p: Packet): string {
  if (p.sport === undefined || p.dport === undefined) return `${p.src}>${p.dst}`
  const at = (address: string, port: number | string) =>
    address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  // udp_flow_src_port(): a hash that nobody can know
  return `${at(p.src, p.vni === undefined ? p.sport : '*')}>${at(p.dst, p.dport)}`
}

/** Of a longer ICMP message the first fragment does not tell how long it is. */
const MOST_UNCUT = 1000

function details(p: Packet): string[] {
  if (p.icmp && isIcmp(p.proto)) {
    const { type, code, id, gateway, mtu, target } = p.icmp
    return [
      icmpName(p.family, type, code),
      id === undefined ? '' : `id ${id}`,
      gateway === undefined ? '' : `gateway ${gateway}`,
      mtu === undefined ? '' : `mtu ${mtu}`,
      target === undefined ? '' : `for ${target}`,
      // what a redirect of IPv6 quotes is no packet by itself, and cut
      p.inner || gateway !== undefined || p.payload > MOST_UNCUT ? '' : `${p.payload} bytes`,
    ]
  }
  if (p.proto === PROTO.sctp) return [`chunks ${(p.sctpChunks ?? []).map(chunk => chunk.type)}`]
  if (p.proto !== PROTO.tcp) return [p.inner ? '' : `${p.payload} bytes`]
  const flags = p.tcpFlags ?? 0
  return [
    tcpFlagNames(flags),
    // how much of it is in one frame depends on what the devices can do
    p.payload > 0 ? 'data' : '',
    flags & TCP.SYN && p.mss !== undefined ? `mss ${p.mss}` : '',
    p.tcpOptions && p.tcpOptions.length > 0 ? `options ${p.tcpOptions}` : '',
  ]
}

const place = ({ netns, iface, dir }: Frame): string => `${netns} ${iface} ${dir}`

/** By place, the first frame of each kind, in order: how often one is repeated is a matter of patience. */
function kindsAt(frames: readonly Frame[]): Map<string, readonly string[]> {
  const kinds = new Map<string, Set<string>>()
  for (const frame of frames) {
    const at = place(frame)
    const here = kinds.get(at) ?? new Set()
    kinds.set(at, here.add(frame.label))
  }
  return new Map([...kinds].map(([at, labels]) => [at, [...labels]]))
}

/** A bare ACK, or what is about one or carries one: under load the kernel says by itself what usually rides on the next data. */
const isBareAck = (label: string): boolean => / ACK (options|ttl)/.test(label)

/** A bare ACK that tells of data that came twice, or what is about one: who repeats first is a matter of clocks. */
const tellsOfDuplicate = (label: string): boolean => / ACK options [\d,]*\b5\b/.test(label)

/** Is there one in the kernel's that nothing like it is of ours, or one that tells of a repetition? */
export function acknowledgedLate(ours: readonly Frame[], kernel: readonly Frame[]): boolean {
  const mine = kindsAt(ours)
  const isOurs = (frame: Frame) => mine.get(place(frame))?.includes(frame.label)
  return kernel.some(frame => isBareAck(frame.label) && (tellsOfDuplicate(frame.label) || !isOurs(frame)))
}

/** Where two sides saw different frames first, with what each saw there. */
export function compareFrames(
  ours: readonly Frame[],
  kernel: readonly Frame[],
): { readonly simulator: string; readonly kernel: string } | undefined {
  const mine = kindsAt(ours)
  const theirs = kindsAt(kernel)
  for (const at of new Set([...theirs.keys(), ...mine.keys()])) {
    const a = (mine.get(at) ?? []).filter(label => !tellsOfDuplicate(label))
    const b = (theirs.get(at) ?? []).filter(label => a.includes(label) || !isBareAck(label))
    if (a.join('\n') === b.join('\n')) continue
    const told = (labels: readonly string[]) =>
      labels.length === 0 ? `${at}: nothing` : [at, ...labels.map(label => `  ${label}`)].join('\n')
    return { simulator: told(a), kernel: told(b) }
  }
  return undefined
}
