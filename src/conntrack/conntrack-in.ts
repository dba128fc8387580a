import type { Packet } from '../model/packet.js'
import { type Here, note } from '../run/here.js'
import type { ConntrackRef, Skb } from '../skb/skb.js'
import { packetLength } from '../skb/packet-summary.js'
import { isIcmp, PROTO } from '../values/proto.js'
import { advance } from './advance.js'
import { type ConntrackEntry, type CtInfo, type Direction, type Zone, zoneIn, zoneOf } from './entry.js'
import { isIcmpError, isNeighbourDiscovery, opensIcmp, tupleOf } from './packet-tuple.js'
import { conntrackLine } from './print-entry.js'
import { noRoomFor } from './room-for.js'
import { firstChunk, nextSctpState } from './state-sctp.js'
import { flagsAreSane, nextTcpState, segmentOf } from './state-tcp.js'
import { invert, type Tuple } from './tuple.js'

export type Tracked =
  | { readonly verdict: 'ACCEPT'; readonly skb: Skb }
  | { readonly verdict: 'DROP'; readonly because: string }

/** tracked skb without any connection: INVALID. */
function invalid(here: Here, skb: Skb, because: string): Tracked {
  note(here, { kind: 'conntrack', action: 'invalid', because })
  const { ct: _, ...rest } = skb
  return { verdict: 'ACCEPT', skb: rest }
}
const withCt = (skb: Skb, ct: ConntrackRef): Skb => ({ ...skb, ct })

/** nf_conntrack_in() (net/netfilter/nf_conntrack_core.c): finds or makes the connection that a packet belongs to. */
export function conntrackIn(skb: Skb, here: Here): Tracked {
  if (skb.ct?.kind === 'detached') {
    const { ct: _, ...loose } = skb
    return conntrackIn(loose, here)
  }
  let zone: Zone = { id: 0 }
  let helper: string | undefined
  if (skb.ct) {
    // it was seen before (loopback), or raw has said NOTRACK
    if (skb.ct.kind === 'tracked') return { verdict: 'ACCEPT', skb }
    if (skb.ct.kind === 'untracked') {
      note(here, { kind: 'conntrack', action: 'untracked', because: 'it was taken out of tracking before' })
      return { verdict: 'ACCEPT', skb }
    }
    zone = {
      id: skb.ct.zoneFromMark ? skb.mark & 0xffff : skb.ct.zone,
      ...(skb.ct.zoneOnly ? { only: skb.ct.zoneOnly } : {}),
    }
    helper = skb.ct.helper
  }
  const { packet } = skb
  if (isNeighbourDiscovery(packet)) return { verdict: 'ACCEPT', skb: withCt(skb, { kind: 'untracked' }) }
  if (isIcmp(packet.proto) && isIcmpError(packet)) return relate(skb, here, zone)

  const tuple = tupleOf(packet)
  if (!tuple) return invalid(here, skb, 'a later fragment, or a header cut short: no tuple can be made')
  const table = here.state.conntrack
  // a connection that is closed for good may be opened anew: NF_REPEAT of tcp_packet()
  for (let tries = 0; tries < 2; tries++) {
    const found = table.find(tuple, zone, here.run.now)
    let entry: ConntrackEntry
    let dir: Direction = 'original'
    if (found) {
      entry = found.entry
      dir = found.dir
    } else {
      const why = whyNoNew(packet, here)
      if (why !== undefined) return invalid(here, skb, why)
      const full = noRoomFor(here)
      if (full !== undefined) {
        note(here, { kind: 'conntrack', action: 'drop', because: full })
        return { verdict: 'DROP', because: full }
      }
      entry = table.fresh(tuple, invert(tuple), zone)
      if (helper !== undefined) entry.helper = helper
      const master = expectedBy(tuple, zone, here)
      if (master) entry.master = master
    }
    const info: CtInfo =
      dir === 'reply'
        ? 'ESTABLISHED_REPLY'
        : entry.seenReply
          ? 'ESTABLISHED'
          : entry.master
            ? 'RELATED'
            : 'NEW'
    const step = advance(entry, packet, dir, here)
    if (step === 'again') continue
    if (step !== 'pass') return invalid(here, skb, step.because)
    if (dir === 'reply') entry.seenReply = true
    entry.packets[dir]++
    entry.bytes[dir] += packetLength(packet)
    note(here, {
      kind: 'conntrack',
      action: found ? dir : 'new',
      id: entry.id,
      entry: conntrackLine(entry, here.run.now),
      because: found
        ? `it belongs to connection #${entry.id}`
        : `no entry for this tuple: connection #${entry.id} begins`,
    })
    return { verdict: 'ACCEPT', skb: withCt(skb, { kind: 'tracked', entry, info }) }
  }
  return invalid(here, skb, 'the old connection could not be replaced')
}

/** Why a packet may not open a connection; undefined if it may: tcp_new(), icmp_packet(). */
function whyNoNew(packet: Packet, here: Here): string | undefined {
  if (packet.proto === PROTO.tcp) {
    const flags = packet.tcpFlags ?? 0
    const segment = segmentOf(flags)
    const first = nextTcpState('original', segment, 'NONE')
    if (!flagsAreSane(flags)) return 'TCP flags that no sane stack sends'
    if (first === 'invalid')
      return `a TCP ${segment.toUpperCase()} can't begin a connection, and none is known for it`
    if (first !== 'SYN_SENT' && here.space.number('net.netfilter.nf_conntrack_tcp_loose', 1) === 0)
      return 'no connection is known, and nf_conntrack_tcp_loose is 0: nothing is picked up in the middle'
  }
  if (packet.proto === PROTO.sctp && nextSctpState('original', firstChunk(packet) ?? 0, 'NONE') === undefined)
    return `SCTP chunk ${firstChunk(packet) ?? 0} can't begin an association, and none is known for it`
  if (isIcmp(packet.proto) && !opensIcmp(packet.proto, packet.icmp?.type ?? -1))
    return `ICMP type ${packet.icmp?.type} can't begin a connection`
  return undefined
}

/** nf_conntrack_inet_error(): an ICMP error belongs to the connection of the packet that it quotes. */
function relate(skb: Skb, here: Here, zone: Zone): Tracked {
  const { inner } = skb.packet
  const quoted = inner && tupleOf(inner)
  if (!quoted) return invalid(here, skb, 'an ICMP error that quotes nothing that could be tracked')
  const found = here.state.conntrack.find(invert(quoted), zone, here.run.now)
  if (!found) return invalid(here, skb, 'an ICMP error about a connection that conntrack does not know')
  const { entry, dir } = found
  const expected = entry[dir].dst.address
  if (expected !== skb.packet.dst)
    return invalid(here, skb, `an ICMP error to ${skb.packet.dst} about a packet of ${expected}`)
  note(here, {
    kind: 'conntrack',
    action: 'related',
    id: entry.id,
    because: `it quotes a packet of connection #${entry.id}`,
  })
  return {
    verdict: 'ACCEPT',
    skb: withCt(skb, { kind: 'tracked', entry, info: dir === 'reply' ? 'RELATED_REPLY' : 'RELATED' }),
  }
}

/**
 * nf_ct_find_expectation(): a helper (ftp, sip, …) reads in one connection which others will follow. What it has read
 * is in no dump, so whether a new connection between the same two ends is such a one has to be asked.
 */
function expectedBy(tuple: Tuple, zone: Zone, here: Here): ConntrackEntry | undefined {
  const ends = (t: Tuple) => [t.src.address, t.dst.address].sort().join()
  const master = here.state.conntrack
    .list(here.run.now)
    .find(
      e =>
        e.helper !== undefined &&
        zoneIn(zoneOf(e), 'original') === zoneIn(zone, 'original') &&
        [ends(e.original), ends(e.reply)].includes(ends(tuple)),
    )
  if (!master) return undefined
  const options = ['it is NEW', `it is RELATED: the helper ${master.helper} expects it`]
  const at = `the connection ${ends(tuple)} beside #${master.id}, which has the helper ${master.helper}`
  return here.run.choose(here.trace, here.space.name, at, options, true) === 1 ? master : undefined
}
