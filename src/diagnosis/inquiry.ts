import { allOf, type EventOf, firstOf, lastOf } from './events.js'
import type { Netns, Snapshot } from '../model/snapshot.js'
import { namespacesOf } from '../snapshot/names.js'
import type { Conversation } from '../talk/conversation.js'
import type { PacketTrace, TraceEvent } from '../trace/events.js'
import { type Ip, parseIp } from '../values/ip.js'
import { World } from '../world/world.js'

/** Where a conversation stopped: the packet that did not go on, and the event that says so. */
export interface Stop {
  readonly packet: PacketTrace
  readonly event: EventOf<'dropped'> | EventOf<'makes'>
  readonly leg: 'request' | 'reply'
  /** It is the wrapping that was dropped; this is what it carried. */
  readonly carried?: PacketTrace
  /** The rule or policy that dropped it, if one did. */
  readonly by?: EventOf<'rule'> | EventOf<'policy'>
}

/** A change of an address on the way of the request: what the way back must undo, and where. */
export interface Translation {
  readonly netns: string
  readonly field: 'src' | 'dst'
  readonly from: Ip
  readonly to: Ip
  readonly seq: number
  /** The nat rule behind it; undefined for IPVS and for what conntrack remembered. */
  readonly rule?: EventOf<'rule'>
  readonly ipvs: boolean
}

/** A finished conversation, laid out for those who ask why. It reads the trace and the snapshot only. */
export class Inquiry {
  readonly world: World
  /** The conversation's own packets by leg; wrappings, ICMP errors and neighbour discovery apart. */
  readonly requests: readonly PacketTrace[]
  readonly replies: readonly PacketTrace[]
  readonly errors: readonly PacketTrace[]
  readonly stop: Stop | undefined
  readonly translations: readonly Translation[]
  private readonly spaces: ReadonlyMap<string, Netns>

  constructor(
    readonly talk: Conversation,
    readonly snapshot: Snapshot,
  ) {
    this.world = World.of(snapshot)
    this.spaces = new Map(namespacesOf(snapshot).map(netns => [netns.name, netns]))
    const own = talk.packets.filter(packet => packet.carries === undefined)
    this.requests = own.filter(packet => packet.direction === 'original')
    this.replies = own.filter(packet => packet.direction === 'reply')
    this.errors = own.filter(packet => packet.direction === 'related' && packet.resolves === undefined)
    this.stop = talk.outcome === 'ok' ? undefined : (findStop(talk.packets) ?? findStop(talk.packets, true))
    this.translations = this.requests[0] ? translationsOf(this.requests[0], talk.packets) : []
  }

  get flow() {
    return this.talk.flow
  }
  get family() {
    return this.flow.dst.includes(':') ? ('ipv6' as const) : ('ipv4' as const)
  }
  netns(name: string): Netns {
    return this.spaces.get(name)!
  }
  all(): Iterable<Netns> {
    return this.spaces.values()
  }
  get client(): Netns {
    return this.netns(this.flow.netns)
  }
  /** The namespace that holds an address on a device that is no dummy. */
  ownerOf(address: string): Netns | undefined {
    return [...this.spaces.values()].find(netns =>
      netns.ifaces.some(i => i.kind !== 'dummy' && i.addresses.some(a => a.address === address)),
    )
  }
  /** All events of a packet, and of what carried it, in order. */
  eventsOf(packet: PacketTrace): readonly TraceEvent[] {
    return withWrapping(packet, this.talk.packets)
  }
  /** Where the first request's destination was changed last: the place that must translate the answer. */
  get destination(): Translation | undefined {
    return this.translations.findLast(t => t.field === 'dst')
  }
  get masquerade(): Translation | undefined {
    return this.translations.findLast(t => t.field === 'src')
  }
  /** Addresses of a packet as it was at an event: of the last hop or transmission before it. */
  packetAt(
    packet: PacketTrace,
    seq: number,
  ): { src: Ip; dst: Ip; sport?: number; dport?: number } | undefined {
    const seen = packet.events.findLast(
      e =>
        e.seq <= seq &&
        (e.kind === 'hop' || e.kind === 'transmit' || e.kind === 'rule' || e.kind === 'policy'),
    )
    const first = seen && 'packet' in seen ? endpointsOf(seen.packet) : undefined
    const from = first ?? endpointsOf(packet.summary)
    if (!from) return undefined
    const now: { src: Ip; dst: Ip; sport?: number; dport?: number } = { ...from }
    for (const e of packet.events) {
      if (e.kind !== 'rewrite' || e.seq > seq || e.seq < (seen?.seq ?? 0)) continue
      if (e.field === 'src') now.src = e.to as Ip
      else if (e.field === 'dst') now.dst = e.to as Ip
      else if (e.field === 'sport') now.sport = Number(e.to)
      else if (e.field === 'dport') now.dport = Number(e.to)
    }
    return now
  }
}

const withWrapping = (packet: PacketTrace, all: readonly PacketTrace[]): readonly TraceEvent[] => {
  const outer = all.filter(p => p.carries === packet.index)
  if (outer.length === 0) return packet.events
  return [packet, ...outer].flatMap(p => p.events).sort((a, b) => a.seq - b.seq)
}

/** `tcp 10.0.0.1:41000 > 10.0.0.2:80 SYN`, as packetSummary() words it. */
export function endpointsOf(
  summary: string,
): { src: Ip; dst: Ip; sport?: number; dport?: number } | undefined {
  const parts = /^\S+ (\S+) > (\S+)/.exec(summary)
  if (!parts) return undefined
  const side = (text: string) => {
    const bare = parseIp(text)
    if (bare) return { address: bare }
    const split = /^\[?([^\]]+?)\]?:(\d+)$/.exec(text)
    const address = split && parseIp(split[1]!)
    return address ? { address, port: Number(split[2]) } : undefined
  }
  const [src, dst] = [side(parts[1]!), side(parts[2]!)]
  if (!src || !dst) return undefined
  return {
    src: src.address,
    dst: dst.address,
    ...(src.port === undefined ? {} : { sport: src.port }),
    ...(dst.port === undefined ? {} : { dport: dst.port }),
  }
}

/** The first packet of the conversation that was lost (on purpose, even, where nothing else was lost): requests and answers, and what wrapped them. */
function findStop(packets: readonly PacketTrace[], ignored = false): Stop | undefined {
  for (const packet of packets) {
    if (packet.direction === 'related') continue
    const delivered = packet.events.some(e => e.kind === 'delivered' || e.kind === 'decap')
    const none = firstOf(packet.events, 'makes', e => e.packet.startsWith('no '))
    if (delivered && !none) continue
    const drops = allOf(packet.events, 'dropped', e => ignored || e.reason !== 'X_IGNORED')
    const event = drops.find(e => e.reason !== 'OTHERHOST') ?? drops[0]
    if (!event && !none) continue
    const carried = packet.carries === undefined ? undefined : packets[packet.carries]
    const leg = none && !event ? 'reply' : packet.direction === 'reply' ? 'reply' : 'request'
    const by = event?.reason === 'NETFILTER_DROP' ? decisionBefore(packet, event.seq) : undefined
    return { packet, event: event ?? none!, leg, ...(carried ? { carried } : {}), ...(by ? { by } : {}) }
  }
  return undefined
}

/** The rule or policy that said DROP last before an event. */
export function decisionBefore(packet: PacketTrace, seq: number) {
  const last = packet.events.findLast(
    e => e.seq < seq && (e.kind === 'rule' || e.kind === 'policy') && e.verdict === 'DROP',
  )
  return last as EventOf<'rule'> | EventOf<'policy'> | undefined
}

function translationsOf(request: PacketTrace, all: readonly PacketTrace[]): Translation[] {
  const found: Translation[] = []
  for (const e of withWrapping(request, all)) {
    if (e.kind !== 'rewrite' || (e.field !== 'src' && e.field !== 'dst') || !request.events.includes(e))
      continue
    const rule = lastOf(
      request.events,
      'rule',
      r => r.table === 'nat' && r.seq < e.seq && r.netns === e.netns && / -j \S+/.test(r.text),
    )
    const ipvs = e.by.startsWith('IPVS')
    found.push({
      netns: e.netns,
      field: e.field,
      from: e.from as Ip,
      to: e.to as Ip,
      seq: e.seq,
      ipvs,
      ...(rule && !ipvs ? { rule } : {}),
    })
  }
  return found
}
