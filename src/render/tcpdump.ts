import type { Capture, Conversation } from '../talk/conversation.js'
import { printable } from './escape.js'
import type { PacketFilter } from './packet-filter.js'
import { tcpdumpLine } from './tcpdump-line.js'

/** Which captures are wanted: an interface (or `any`), maybe of one namespace. */
export interface CaptureFilter {
  readonly netns?: string
  readonly iface: string
}

/** Reads `eth0`, `any` or `NETNS:eth0`; namespaces may have a slash in their name, interfaces may not. */
export function parseCapture(text: string): CaptureFilter {
  const colon = text.lastIndexOf(':')
  return colon < 0 ? { iface: text } : { netns: text.slice(0, colon), iface: text.slice(colon + 1) }
}

/**
 * The packets as `tcpdump -nn -i any` prints them: time, interface, direction, packet. Times are virtual and
 * begin at midnight. Each namespace has its own capture, under a heading where there are several.
 */
export function renderTcpdump(
  talk: Conversation,
  filter: CaptureFilter = { iface: 'any' },
  shows: PacketFilter = () => true,
): string {
  const byNetns = new Map<string, Capture[]>()
  for (const capture of talk.captures) {
    if (filter.netns !== undefined && filter.netns !== capture.netns) continue
    if (filter.iface !== 'any' && filter.iface !== capture.iface) continue
    if (!shows(capture.wire)) continue
    const list = byNetns.get(capture.netns)
    if (list) list.push(capture)
    else byNetns.set(capture.netns, [capture])
  }
  let text = ''
  for (const [netns, captures] of byNetns) {
    if (byNetns.size > 1) text += `# ${printable(netns)}\n`
    for (const { at, iface, dir, wire } of captures)
      text += `${clock(at)} ${printable(iface).padEnd(5)} ${dir.padEnd(3)} ${printable(tcpdumpLine(wire))}\n`
  }
  return text
}

/** `HH:MM:SS.micros`, as tcpdump prints without -t. */
function clock(at: number): string {
  const micros = Math.round(at * 1e6)
  const part = (unit: number, size: number) => String(Math.floor(micros / unit) % size).padStart(2, '0')
  return `${part(3600e6, 24)}:${part(60e6, 60)}:${part(1e6, 60)}.${String(micros % 1e6).padStart(6, '0')}`
}
