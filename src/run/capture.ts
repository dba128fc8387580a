import type { Packet } from '../model/packet.js'
import { tcpdumpLine } from '../render/tcpdump-line.js'
import type { Here } from './here.js'

/** What a capture at a device would show of this packet (packet sockets: before the stack on the way in, after it on the way out). */
export function capture(here: Here, iface: string, dir: 'In' | 'Out', packet: Packet): void {
  here.run.captures.push({
    at: here.run.now,
    netns: here.space.name,
    iface,
    dir,
    packet: here.trace.index,
    line: tcpdumpLine(packet),
    src: packet.src,
    dst: packet.dst,
    ...(packet.sport === undefined ? {} : { sport: packet.sport }),
    ...(packet.dport === undefined ? {} : { dport: packet.dport }),
  })
}
