import type { ForwardingMethod, RealServer, VirtualService } from '../model/ipvs.js'
import type { Ip } from '../values/ip.js'
import { protoLabel } from '../values/proto.js'

/** struct ip_vs_conn: client, virtual and destination address. */
export interface IpvsConnection {
  readonly proto: number
  readonly caddr: Ip
  readonly cport: number
  readonly vaddr: Ip
  readonly vport: number
  readonly daddr: Ip
  readonly dport: number
  readonly method: ForwardingMethod
  /** IP_VS_CONN_F_NFCT: conntrack goes on tracking it (net.ipv4.vs.conntrack was 1). */
  readonly conntrack: boolean
  readonly service?: VirtualService
  readonly server?: RealServer
  state: string
  expires: number
}

/** Seconds, tcp_timeouts[] and its siblings in ip_vs_proto_tcp.c and _udp.c. */
const TIMEOUTS: Readonly<Record<string, number>> = {
  SYN_RECV: 60,
  ESTABLISHED: 900,
  FIN_WAIT: 120,
  CLOSE: 10,
  UDP: 300,
  NONE: 60,
}

/** The connections of one namespace: ip_vs_conn_tab. */
export class ConnectionTable {
  private readonly byClient = new Map<string, IpvsConnection>()
  private readonly byServer = new Map<string, IpvsConnection>()
  private readonly all = new Set<IpvsConnection>()

  add(c: IpvsConnection): void {
    this.all.add(c)
    this.byClient.set(key(c.proto, c.caddr, c.cport, c.vaddr, c.vport), c)
    this.byServer.set(key(c.proto, c.caddr, c.cport, c.daddr, c.dport), c)
  }
  /** ip_vs_conn_in_get(): client → virtual. */
  incoming(
    proto: number,
    caddr: Ip,
    cport: number,
    vaddr: Ip,
    vport: number,
    now: number,
  ): IpvsConnection | undefined {
    return alive(this.byClient.get(key(proto, caddr, cport, vaddr, vport)), now)
  }
  /** ip_vs_conn_out_get(): destination → client, as it comes back. */
  outgoing(
    proto: number,
    daddr: Ip,
    dport: number,
    caddr: Ip,
    cport: number,
    now: number,
  ): IpvsConnection | undefined {
    return alive(this.byServer.get(key(proto, caddr, cport, daddr, dport)), now)
  }
  touch(c: IpvsConnection, state: string, now: number): void {
    c.state = state
    c.expires = now + (TIMEOUTS[state] ?? 60)
  }
  /** Connections of a real server, for schedulers that count. */
  countOf(server: RealServer): { active: number; inactive: number } {
    let active = 0
    let inactive = 0
    for (const c of this.all)
      if (c.server === server) {
        if (c.state === 'ESTABLISHED') active++
        else inactive++
      }
    return { active: active + server.activeConnections, inactive: inactive + server.inactiveConnections }
  }
  list(now: number): readonly IpvsConnection[] {
    return [...this.all].filter(c => c.expires > now)
  }
}

const key = (proto: number, a: Ip, ap: number, b: Ip, bp: number): string => `${proto} ${a} ${ap} ${b} ${bp}`
const alive = (c: IpvsConnection | undefined, now: number): IpvsConnection | undefined =>
  c && c.expires > now ? c : undefined

/** A line of `ipvsadm -Lnc`. */
export function connectionLine(c: IpvsConnection, now: number): string {
  const left = Math.max(0, Math.floor(c.expires - now))
  const clock = `${String(Math.floor(left / 60)).padStart(2, '0')}:${String(left % 60).padStart(2, '0')}`
  const end = (a: Ip, p: number) => (a.includes(':') ? `[${a}]:${p}` : `${a}:${p}`)
  return `${protoLabel(c.proto).toUpperCase().padEnd(3)} ${clock.padEnd(6)} ${c.state.padEnd(11)} ${end(c.caddr, c.cport).padEnd(18)} ${end(c.vaddr, c.vport).padEnd(18)} ${end(c.daddr, c.dport)}`
}
