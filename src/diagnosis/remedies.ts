import { toolOf } from '../values/tool.js'
import { type EventOf, lastOf } from './events.js'
import { familyOf, type Ip, widthOf } from '../values/ip.js'
import { type CureIdea, cure } from './finding.js'
import type { Inquiry, Stop } from './inquiry.js'
import { tables } from './where.js'

/** What tells one conversation from others, in a rule's words. */
export interface Ends {
  readonly src?: Ip
  readonly dst?: Ip
  readonly proto: string
  readonly sport?: number
  readonly dport?: number
}

const host = (address: Ip): string => `${address}/${widthOf(familyOf(address))}`

/** `-s A/32 -d B/32 -p tcp -m tcp --dport 80`. */
export function matching({ src, dst, proto, sport, dport }: Ends): string {
  const ports = proto === 'icmp' ? undefined : { sport, dport }
  const icmp = (dst ?? src ?? '').includes(':') ? 'ipv6-icmp' : 'icmp'
  return [
    src === undefined ? '' : `-s ${host(src)}`,
    dst === undefined ? '' : `-d ${host(dst)}`,
    `-p ${proto === 'icmp' ? icmp : proto}`,
    ports ? `-m ${proto}` : '',
    ports?.sport === undefined ? '' : `--sport ${ports.sport}`,
    ports?.dport === undefined ? '' : `--dport ${ports.dport}`,
  ]
    .filter(word => word !== '')
    .join(' ')
}

/** The packet of a stop as the rule that dropped it saw it: what a rule that lets it pass must say. */
export function endsAt(inquiry: Inquiry, stop: Stop): Ends {
  const { proto } = inquiry.flow
  const seen = inquiry.packetAt(stop.packet, stop.by?.seq ?? stop.event.seq)
  const outer = stop.carried !== undefined
  const carrier = stop.packet.summary.split(' ')[0]!
  const word = outer ? carrier : proto
  const { src, dst, sport, dport } = seen ?? {}
  return {
    proto: word,
    ...(src === undefined ? {} : { src }),
    ...(dst === undefined ? {} : { dst }),
    // the port that stays the same from one connection to the next
    ...(stop.leg === 'request' || outer
      ? dport === undefined
        ? {}
        : { dport }
      : sport === undefined
        ? {}
        : { sport }),
  }
}

/** Lets the packet pass right before what drops it. */
export function letPass(inquiry: Inquiry, stop: Stop): CureIdea[] {
  const { by } = stop
  if (!by || by.table === 'nat') return []
  const ends = matching(endsAt(inquiry, stop))
  const tool = `${tables(by)} -t ${by.table}`
  const where = by.kind === 'rule' ? `-I ${by.chain} ${by.number}` : `-A ${by.chain}`
  const state = stop.leg === 'reply' && !stop.carried ? '-m conntrack --ctstate RELATED,ESTABLISHED ' : ''
  const open = cure(`let this conversation pass in ${by.table} ${by.chain}`, [
    stop.event.netns,
    `${tool} ${where} ${ends} ${state}-j ACCEPT`,
  ])
  const [first] = open.steps
  const back = `${tool} ${where} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`
  return stop.leg === 'request' && !stop.carried
    ? [open, { title: `${open.title}, and its answers`, steps: [first!, { on: first!.on, command: back }] }]
    : [open]
}

/** Takes the rule away. */
export function takeAway(netns: string, rule: EventOf<'rule'> | EventOf<'return'>): CureIdea {
  return cure(`delete rule ${rule.number} of ${rule.table} ${rule.chain}`, [
    netns,
    `${tables(rule)} -t ${rule.table} ${rule.text.replace(/^(?:-[46] )?-A/, '-D')}`,
  ])
}

/** Hides the client behind the node, for this backend alone, so that the answer must come back to it. */
export function masqueradeHere(inquiry: Inquiry, netns: string): CureIdea[] {
  const last = inquiry.translations.filter(t => t.netns === netns)
  const request = inquiry.requests[0]
  if (!request) return []
  const seq = Math.max(...last.map(t => t.seq), request.events[0]?.seq ?? 0)
  const seen = inquiry.packetAt(request, seq)
  if (!seen) return []
  const dst = inquiry.destination?.to ?? seen.dst
  const { dport: asked } = inquiry.flow
  const ported = lastOf(request.events, 'rewrite', e => e.field === 'dport')
  const dport = ported ? Number(ported.to) : asked
  const { proto } = inquiry.flow
  const ends = matching({ src: seen.src, dst, proto, ...(dport > 0 ? { dport } : {}) })
  return [
    cure(`masquerade this traffic on ${netns}`, [
      netns,
      `${toolOf(familyOf(dst))} -t nat -I POSTROUTING 1 ${ends} -j MASQUERADE`,
    ]),
  ]
}
