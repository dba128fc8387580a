import type { Listener, Netns } from '../../model/snapshot.js'
import { cure, type CureIdea, type DiagnosisRule } from '../finding.js'
import type { Inquiry } from '../inquiry.js'
import { inside, seeChain, tables, whereDecided, whereListener } from '../where.js'

const place = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** The packet arrived, and no program takes it. */
export const nobodyListens: DiagnosisRule = {
  id: 'nobody-listens',
  asks: 'did the packet reach its machine, where no socket takes it?',
  look(inquiry) {
    const { stop, flow } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'NO_SOCKET' || stop.leg !== 'request')
      return undefined
    const netns = inquiry.netns(stop.event.netns)
    const seen = inquiry.packetAt(stop.packet, stop.event.seq)
    if (!seen || flow.proto === 'icmp') return undefined
    const port = seen.dport ?? flow.dport
    const ofProto = netns.listeners.filter(l => l.proto === flow.proto)
    const near = ofProto.find(l => l.port === port)
    const evidence = [stop.event.seq]
    const see = inside(netns, flow.proto === 'udp' ? 'ss -lnup' : 'ss -lntp')
    if (near) return elsewhere(inquiry, netns, near, seen.dst, port, evidence, see)
    const nat = inquiry.destination
    if (nat) {
      const others = ofProto.filter(
        l => l.port !== port && (l.address === undefined || l.address === seen.dst),
      )
      const rule = nat.rule
      return {
        id: 'wrong-target-port',
        severity: 'error',
        says: `${nat.from} is sent on to ${place(seen.dst, port)}, but in ${netns.name} nothing listens on ${flow.proto} port ${port}${
          others.length > 0
            ? `; there is one on port ${others
                .map(l => l.port)
                .slice(0, 4)
                .join(
                  ', ',
                )}: the Service's targetPort is wrong, or the program listens on another port than it says`
            : ''
        }`,
        where: rule ? whereDecided(inquiry.netns(nat.netns), rule) : whereListener(netns, flow.proto, port),
        evidence: [nat.seq, ...evidence],
        see: rule ? seeChain(inquiry.netns(nat.netns), rule) : see,
        cures: [
          ...(netns.isHost ? [] : targetPorts(inquiry, others, seen.dst, port)),
          started(netns, flow.proto, inquiry.family, port),
        ],
      }
    }
    return {
      id: this.id,
      severity: 'error',
      says: `the packet reaches ${netns.name}, where nothing listens on ${flow.proto} port ${port}${
        ofProto.length > 0
          ? ` (there are ${ofProto
              .map(l => l.port)
              .slice(0, 5)
              .join(', ')})`
          : ''
      }`,
      where: whereListener(netns, flow.proto, port),
      evidence,
      see,
      cures: [started(netns, flow.proto, inquiry.family, port)],
    }
  },
}

const started = (netns: Netns, proto: string, family: string, port: number): CureIdea =>
  cure(`start the program that should listen on port ${port}`, [
    netns.name,
    `listen ${proto} ${family === 'ipv6' ? '[::]' : '0.0.0.0'}:${port}`,
  ])

function elsewhere(
  inquiry: Inquiry,
  netns: Netns,
  listener: Listener,
  dst: string,
  port: number,
  evidence: readonly number[],
  see: string,
) {
  const { proto } = inquiry.flow
  const address = listener.address ?? (listener.families.includes('ipv4') ? '0.0.0.0' : '[::]')
  const loopback = listener.address?.startsWith('127.') || listener.address === '::1'
  const any = inquiry.family === 'ipv6' ? '[::]' : '0.0.0.0'
  const tight = cure(`listen on ${dst} as well`, [netns.name, `listen ${proto} ${place(dst, port)}`])
  return {
    id: loopback ? 'listener-on-loopback' : 'listener-on-another-address',
    severity: 'error' as const,
    says: `the program in ${netns.name} listens on ${place(address, port)} only${loopback ? ', which nobody outside that machine can reach' : ''}; the packet is for ${dst}`,
    where: whereListener(netns, proto, port, listener.text),
    evidence,
    see,
    cures: [
      cure(`listen on ${any} instead of ${address}`, [
        netns.name,
        `listen ${proto} ${any}:${port} instead of ${place(address, port)}`,
      ]),
      tight,
    ],
  }
}

function targetPorts(inquiry: Inquiry, others: readonly Listener[], dst: string, port: number): CureIdea[] {
  const nat = inquiry.destination!
  const { rule } = nat
  const { proto } = inquiry.flow
  if (rule && / -j DNAT\b/.test(rule.text))
    return others
      .slice(0, 4)
      .map(l =>
        cure(`send it to port ${l.port}`, [
          nat.netns,
          `${tables(rule)} -t nat -R ${rule.chain} ${rule.number} ${rule.text
            .replace(/^-A \S+ /, '')
            .replace(/(--to-destination \S*:)\d+/, `$1${l.port}`)}`,
        ]),
      )
  if (!nat.ipvs) return []
  const flag = { tcp: '-t', udp: '-u', sctp: '--sctp-service', icmp: '-t' }[proto]
  const service = place(inquiry.flow.dst, inquiry.flow.dport)
  return others
    .slice(0, 4)
    .map(l =>
      cure(
        `send it to port ${l.port}`,
        [nat.netns, `ipvsadm -a ${flag} ${service} -r ${place(dst, l.port)} -m -w 1`],
        [nat.netns, `ipvsadm -d ${flag} ${service} -r ${place(dst, port)}`],
      ),
    )
}
