import type { Packet } from '../model/packet.js'
import type { Here } from './here.js'

/** What a capture at a device would show of this packet (packet sockets: before the stack on the way in, after it on the way out). */
export function capture(here: Here, iface: string, dir: 'In' | 'Out', wire: Packet): void {
  here.run.captures.push({
    at: here.run.now,
    netns: here.space.name,
    iface,
    dir,
    packet: here.trace.index,
    wire,
  })
}
