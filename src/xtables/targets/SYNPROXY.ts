import { TCP } from '../../model/packet.js'
import { PROTO } from '../../values/proto.js'
import { defineTarget } from '../extension.js'
import { flag, uint } from '../values.js'

/** Answers a SYN in the server's place, against floods. */
export const synproxyTarget = defineTarget({
  name: 'SYNPROXY',
  summary: 'answer SYNs in the server’s place and pass on only whole handshakes',
  doc: `Needs untracked SYNs (CT --notrack in raw) and nf_conntrack_tcp_loose=0. The kernel answers the SYN itself and opens a
second connection to the server when the client's ACK fits; nfsim doesn't play that second handshake.`,
  kernel: 'net/ipv4/netfilter/ipt_SYNPROXY.c synproxy_tg4()',
  hooks: ['INPUT', 'FORWARD'],
  protos: [PROTO.tcp],
  options: {
    sackPerm: flag('--sack-perm'),
    timestamp: flag('--timestamp'),
    wscale: cut(uint('--wscale'), 0xff),
    mss: cut(uint('--mss'), 0xffff),
    ecn: flag('--ecn'),
  },
  act({ skb }) {
    const flags = skb.packet.tcpFlags ?? 0
    const part = flags & (TCP.SYN | TCP.ACK | TCP.FIN | TCP.RST)
    if (part === TCP.SYN || part === TCP.ACK)
      return { kind: 'unknown', because: 'SYNPROXY answers in the server’s place, which is not modelled' }
    return { kind: 'continue' }
  },
})

/** The tool keeps the low bits of a number that is too large for its field. */
function cut(row: ReturnType<typeof uint>, mask: number): ReturnType<typeof uint> {
  return { ...row, read: (words, context, as) => row.read(words, context, as) & mask }
}
