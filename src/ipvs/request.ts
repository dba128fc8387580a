import type { Packet } from '../model/packet.js'
import type { Family, Ip } from '../values/ip.js'

/** Who wants something of which virtual address: what a connection is found by, and a server is chosen for. */
export interface Request {
  readonly family: Family
  readonly proto: number
  readonly caddr: Ip
  readonly cport: number
  readonly vaddr: Ip
  readonly vport: number
  /** IP_VS_HDR_INVERSE: an ICMP error quotes the answer. */
  readonly inverse?: true
}

export const requestOf = ({ family, proto, src, sport = 0, dst, dport = 0 }: Packet): Request => ({
  ...{ family, proto, caddr: src, cport: sport, vaddr: dst, vport: dport },
})

/** The request that a packet is the answer to. */
export const reversed = ({ caddr, cport, vaddr, vport, ...rest }: Request): Request => ({
  ...rest,
  ...{ caddr: vaddr, cport: vport, vaddr: caddr, vport: cport, inverse: true },
})
