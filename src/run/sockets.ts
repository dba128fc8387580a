import type { Listener } from '../model/snapshot.js'
import type { Packet } from '../model/packet.js'
import { type Ends, endsOf } from '../skb/ends.js'
import type { Skb } from '../skb/skb.js'
import type { Iface } from '../model/iface.js'
import { type Family, familyOf, type Ip } from '../values/ip.js'
import { isIcmp, PROTO } from '../values/proto.js'
import type { Space } from '../world/space.js'
import type { SocketSeen, Truth } from '../xtables/extension.js'
import type { Here } from './here.js'

/** A socket of this conversation: who to tell of what arrives. */
export interface Socket {
  readonly proto: number
  readonly local: { readonly address?: Ip; readonly port: number }
  readonly remote?: { readonly address: Ip; readonly port: number }
  /** Text for `delivered` events: `LISTEN 0.0.0.0:80`. */
  readonly name: string
  /** IP_TRANSPARENT, as far as it can be known; a connection inherits it from its listener. */
  readonly transparent: Truth
  receive(skb: Skb, here: Here): void
  /** An ICMP error about one of its packets. */
  error?(skb: Skb, here: Here): void
}

export const protoNumber = (name: Listener['proto']): number => PROTO[name]

/** The sockets of a namespace: those that the conversation opens, and the listeners of the snapshot. */
export class SocketTable {
  private readonly open: Socket[] = []
  constructor(readonly space: Space) {}

  add(socket: Socket): void {
    this.open.push(socket)
  }
  /** All programs have gone. */
  clear(): void {
    this.open.length = 0
  }
  /** A reset ends it: the next SYN of the same ends is the listener's again. */
  remove(socket: Socket): void {
    const at = this.open.indexOf(socket)
    if (at >= 0) this.open.splice(at, 1)
  }

  /** __inet_lookup_established(), udp4_lib_lookup(): the socket that belongs to this very pair of ends. */
  connected(packet: Packet): Socket | undefined {
    return this.between(endsOf(packet))
  }

  /** inet_steal_sock(): the open socket that TPROXY gave a packet to, whatever became of its addresses since. */
  given({ tproxy }: Skb): Socket | undefined {
    return tproxy && 'remote' in tproxy ? this.between(tproxy) : undefined
  }

  /** The socket that an ICMP error is about: the quoted packet was sent by it. */
  quoted(inner: Packet): Socket | undefined {
    const { proto, local, remote } = endsOf(inner)
    return this.between({ proto, local: remote, remote: local })
  }

  private between({ proto, local, remote }: Ends): Socket | undefined {
    return this.open.find(
      s =>
        s.proto === proto &&
        s.local.port === local.port &&
        (s.local.address === undefined || s.local.address === local.address) &&
        (s.remote === undefined ||
          // ping_lookup() asks for the id alone: an echo from another address is an answer too
          (isIcmp(proto) && s.remote.port === remote.port) ||
          (s.remote.address === remote.address && s.remote.port === remote.port)),
    )
  }

  /** inet_lookup(), udp4_lib_lookup(): whoever would take what comes to these ends, as a rule may ask. */
  at(ends: Ends, dev: string | undefined): SocketSeen | undefined {
    const { proto, local } = ends
    const open = this.between(ends)
    if (open) return { name: open.name, isConnected: true, isWildcard: false, transparent: open.transparent }
    const family = familyOf(local.address)
    const tunnel = proto === PROTO.udp ? this.tunnels(local.port, family)[0] : undefined
    if (tunnel)
      return {
        name: `the socket of ${tunnel.name}`,
        isConnected: false,
        isWildcard: true,
        transparent: false,
      }
    const found = this.listener(proto, local.address, local.port, family, dev)
    if (!found) return undefined
    const { text, address } = found
    return { name: text, isConnected: false, isWildcard: address === undefined, transparent: 'unknown' }
  }

  /** VXLAN devices that are up and have this port: their socket is the kernel's own, on any address (vxlan_sock_add()). */
  tunnels(port: number, family: Family): readonly Iface[] {
    return this.space.netns.ifaces.filter(
      i =>
        i.kind === 'vxlan' &&
        i.up &&
        i.vxlan?.port === port &&
        (i.vxlan.local === undefined ? 'ipv4' : familyOf(i.vxlan.local)) === family,
    )
  }

  /** A listener of `ss` that takes what came in by a device: the most particular address first (compute_score()). */
  listener(
    proto: number,
    address: Ip,
    port: number,
    family: Family,
    dev: string | undefined,
  ): Listener | undefined {
    let best: Listener | undefined
    for (const l of this.space.netns.listeners) {
      if (protoNumber(l.proto) !== proto || l.port !== port || !l.families.includes(family)) continue
      if (l.address !== undefined && l.address !== address) continue
      if (l.dev !== undefined && l.dev !== dev) continue
      if (!best || (best.address === undefined && l.address !== undefined)) best = l
    }
    return best
  }
}
