import type { IpvsTable, VirtualService } from '../model/ipvs.js'
import type { Ip } from '../values/ip.js'
import { PROTO } from '../values/proto.js'

/** The protocols that IPVS knows. */
export const balanced = (proto: number): boolean =>
  proto === PROTO.tcp || proto === PROTO.udp || proto === PROTO.sctp

const NUMBER: Readonly<Record<string, number>> = { TCP: PROTO.tcp, UDP: PROTO.udp, SCTP: PROTO.sctp }

const indexes = new WeakMap<IpvsTable, Map<string, VirtualService>>()

/** ip_vs_service_find(): by firewall mark, by address and port, then one for all ports of the address. */
export function findService(
  table: IpvsTable,
  proto: number,
  address: Ip,
  port: number,
  mark: number,
): VirtualService | undefined {
  let index = indexes.get(table)
  if (!index) {
    index = new Map()
    for (const s of table.services)
      index.set(
        s.id.kind === 'fwmark'
          ? `fwm ${s.id.mark >>> 0} ${s.id.ipv6}`
          : `${NUMBER[s.id.proto]} ${s.id.address} ${s.id.port}`,
        s,
      )
    indexes.set(table, index)
  }
  if (mark !== 0) {
    const marked = index.get(`fwm ${mark} ${address.includes(':')}`)
    if (marked) return marked
  }
  return index.get(`${proto} ${address} ${port}`) ?? index.get(`${proto} ${address} 0`)
}

export const serviceName = (s: VirtualService): string =>
  s.id.kind === 'fwmark'
    ? `FWM ${s.id.mark}`
    : `${s.id.proto} ${s.id.address.includes(':') ? `[${s.id.address}]` : s.id.address}:${s.id.port}`
