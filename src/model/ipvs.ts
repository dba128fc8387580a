import type { Ip } from '../values/ip.js'

export type ForwardingMethod = 'Masq' | 'Route' | 'Tunnel' | 'Local'

export type ServiceId =
  | {
      readonly kind: 'address'
      readonly proto: 'TCP' | 'UDP' | 'SCTP'
      readonly address: Ip
      readonly port: number
    }
  | { readonly kind: 'fwmark'; readonly mark: number; readonly ipv6: boolean }

export interface RealServer {
  readonly address: Ip
  readonly port: number
  readonly method: ForwardingMethod
  readonly weight: number
  readonly activeConnections: number
  readonly inactiveConnections: number
  readonly line: number
}

export interface VirtualService {
  readonly id: ServiceId
  readonly scheduler: string
  readonly schedulerFlags: readonly string[]
  /** Seconds; undefined: not persistent. */
  readonly persistent?: number
  readonly persistenceMask?: string
  readonly persistenceEngine?: string
  readonly onePacket: boolean
  readonly realServers: readonly RealServer[]
  readonly line: number
}

/** `ipvsadm -Ln` or `-Sn`. */
export interface IpvsTable {
  readonly services: readonly VirtualService[]
  readonly file: string
}

/** An address and port in a line of `ipvsadm -Lnc`. */
export interface IpvsEnd {
  readonly address: Ip
  readonly port: number
}

/**
 * A line of `ipvsadm -Lnc`: a connection that IPVS kept when the snapshot was made. With client port 0 it is the
 * template of a persistent service: where this client's next connections go.
 */
export interface IpvsConnectionLine {
  /** 0 (`IP`): the template of a firewall-mark service, whose virtual address is the mark. */
  readonly proto: number
  /** Seconds left. */
  readonly expires: number
  readonly state: string
  readonly client: IpvsEnd
  readonly virtual: IpvsEnd
  readonly server: IpvsEnd
  readonly line: number
}
