import type { Conversation } from '../talk/conversation.js'
import type { EventBody, PacketTrace, TraceEvent } from '../trace/events.js'
import { printable } from './escape.js'

type Decision = TraceEvent & Extract<EventBody, { kind: 'rule' | 'policy' }>

/** One pass of a packet through a built-in chain: what the tool prints under one PACKET line. */
interface Pass {
  readonly seq: number
  readonly netns: string
  readonly text: string
}

/**
 * The decisions of a conversation as `xtables-monitor --trace` of iptables 1.8.9 prints them: a PACKET line for
 * each pass through a built-in chain, its TRACE lines behind it. Each namespace has its own run of the tool,
 * under a heading where there are several.
 *
 * Not printed: lengths, TTL, IP ids, MAC addresses and flow labels, which the events don't keep. A packet's id is
 * its number in the conversation (from 1); a rule's, which is its handle in the kernel, its number in its chain.
 */
export function xtablesMonitorText(conversation: Conversation): string {
  const passes = conversation.packets.flatMap(passesOf).sort((a, b) => a.seq - b.seq)
  const byNetns = new Map<string, string[]>()
  for (const { netns, text } of passes) {
    const lines = byNetns.get(netns)
    if (lines) lines.push(text)
    else byNetns.set(netns, [text])
  }
  let out = ''
  for (const [netns, texts] of byNetns) {
    if (byNetns.size > 1) out += `# ${printable(netns)}\n`
    out += texts.join('')
  }
  return out
}

/** What is known of the packet while it walks. */
interface Walk {
  in?: string
  out?: string
  mark: number
}

function passesOf(packet: PacketTrace): Pass[] {
  const passes: Pass[] = []
  const id = (packet.index + 1).toString(16).padStart(8, '0')
  const { events } = packet
  let walk: Walk = { mark: 0 }
  let group: Decision[] = []
  let header = ''
  const flush = () => {
    const [first] = group
    if (first)
      passes.push({
        seq: first.seq,
        netns: first.netns,
        text: header + group.map(d => traceLine(d, id)).join(''),
      })
    group = []
  }
  for (const [i, event] of events.entries()) {
    switch (event.kind) {
      case 'hop':
        flush()
        walk = { mark: 0 }
        break
      case 'hook':
        flush()
        walk = {
          mark: walk.mark,
          ...(event.in !== undefined && { in: event.in }),
          ...(event.out !== undefined && { out: event.out }),
        }
        break
      case 'mark':
        if (event.what === 'packet') walk.mark = event.to
        break
      case 'rule':
      case 'policy': {
        const [first] = group
        if (
          first &&
          (first.table !== event.table || first.hook !== event.hook || first.netns !== event.netns)
        )
          flush()
        // the kernel reports a rule after its target has run: the mark that it sets is seen already
        if (group.length === 0)
          header = packetLine(event.packet, id, { ...walk, mark: markAfter(events, i, walk) })
        group.push(event)
        if (event.kind === 'policy') flush()
        break
      }
    }
  }
  flush()
  return passes
}

function markAfter(events: readonly TraceEvent[], i: number, walk: Walk): number {
  const next = events[i + 1]
  return next?.kind === 'mark' && next.what === 'packet' ? next.to : walk.mark
}

/** The tool's order of flag names. */
const FLAGS = ['SYN', 'ACK', 'FIN', 'RST', 'PSH', 'URG', 'ECE', 'CWR']

function packetLine(summary: string, id: string, walk: Walk): string {
  const ends = /^(\S+) (\S+) > (\S+)(?: ([A-Z,]+)(?: |$))?/.exec(summary)
  const [, proto, from = '', to = '', flags = ''] = ends ?? []
  const src = splitEnd(from)
  const dst = splitEnd(to)
  const named = proto === 'tcp' ? flags.split(',') : []
  const words = [
    ...(walk.in === undefined ? [] : [`IN=${walk.in}`]),
    ...(walk.out === undefined ? [] : [`OUT=${walk.out}`]),
    `SRC=${src.address}`,
    `DST=${dst.address}`,
    ...(src.port === undefined ? [] : [`SPORT=${src.port}`, `DPORT=${dst.port ?? 0}`]),
    ...FLAGS.filter(f => named.includes(f)),
    ...(walk.mark === 0 ? [] : [`MARK=0x${walk.mark.toString(16)}`]),
  ]
  return `PACKET: ${familyNumber(src.address)} ${id} ${printable(words.join(' '))} \n`
}

/** `10.0.0.1:80`, `[fd00::1]:80`, or an address alone. */
function splitEnd(end: string): { address: string; port?: string } {
  const found = /^(?:\[([^\]]+)\]|([0-9.]+)):(\d+)$/.exec(end)
  if (!found) return { address: end }
  return { address: found[1] ?? found[2]!, port: found[3]! }
}

/** AF_INET, AF_INET6. */
const familyNumber = (address: string): number => (address.includes(':') ? 10 : 2)

function traceLine(d: Decision, id: string): string {
  const family = familyNumber(splitEnd(/^\S+ (\S+)/.exec(d.packet)?.[1] ?? '').address)
  const place = ` TRACE: ${family} ${id} ${d.table}:${d.chain}`
  if (d.kind === 'policy') return `${printable(place)}:policy:${d.verdict} \n`
  const rule = `${family === 2 ? '-4' : '-6'} -t ${d.table} ${d.text}`
  return `${printable(`${place}:rule:0x${d.number.toString(16)}:${verdictWord(d)}  ${rule}`)}\n`
}

/** Verdicts that this version has no word for come out as the kernel's number: RETURN, and queues. */
function verdictWord(d: Extract<Decision, { kind: 'rule' }>): string {
  switch (d.verdict) {
    case 'JUMP':
    case 'GOTO':
      return `${d.verdict}:${d.jump ?? ''}`
    case 'RETURN':
      return '0xfffffffb'
    case 'QUEUE': {
      // the queue's number stands above NF_QUEUE, the bypass flag above both
      const queue = Number(/ --queue-(?:num|balance) (\d+)/.exec(d.text)?.[1] ?? 0) & 0xffff
      const bypass = / --queue-bypass(?: |$)/.test(d.text) ? 0x8000 : 0
      return `0x${((queue * 65536 + bypass + 3) >>> 0).toString(16)}`
    }
    default:
      return d.verdict
  }
}
