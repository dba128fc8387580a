import type { Packet } from '../model/packet.js'
import type { Ip } from '../values/ip.js'

/** Both ends of a connection, as the socket here has them. For an echo the ports are its id. */
export interface Ends {
  readonly proto: number
  readonly local: { readonly address: Ip; readonly port: number }
  readonly remote: { readonly address: Ip; readonly port: number }
}
/** The ends of the socket that a packet is for. */
export const endsOf = ({ proto, src, sport, dst, dport, icmp }: Packet): Ends => ({
  proto,
  local: { address: dst, port: dport ?? icmp?.id ?? 0 },
  remote: { address: src, port: sport ?? icmp?.id ?? 0 },
})
