import type { ForwardingMethod, RealServer, VirtualService } from '../model/ipvs.js'
import type { Packet } from '../model/packet.js'
import type { Here } from '../run/here.js'
import type { Ip } from '../values/ip.js'
import { protoLabel } from '../values/proto.js'
import type { Request } from './request.js'
import { nextState, timeoutOf } from './states.js'

/** struct ip_vs_conn: client, virtual and destination address. */
export interface IpvsConnection {
  /** 0 in the template of a firewall-mark service. */
  readonly proto: number
  readonly caddr: Ip
  /** 0 in a template, which says where a persistent client goes. */
  readonly cport: number
  readonly vaddr: Ip
  readonly vport: number
  readonly daddr: Ip
  readonly dport: number
  /** Bypass (cache_bypass): no real server, the packet goes on to where it was for. */
  readonly method: ForwardingMethod | 'Bypass'
  /** IP_VS_CONN_F_NFCT: conntrack goes on tracking it (net.ipv4.vs.conntrack was 1). */
  readonly conntrack: boolean
  readonly service?: VirtualService
  /** Absent: its real server is no longer in the table (IP_VS_DEST_F_AVAILABLE is not set). */
  readonly server?: RealServer
  /** cp->control: the template that it follows. */
  readonly template?: IpvsConnection
  /** It was there when the snapshot was made, so the service's own counts have it already. */
  readonly loaded?: boolean
  state: string
  expires: number
}

/** The connections of one namespace: ip_vs_conn_tab. */
export class ConnectionTable {
  private readonly byClient = new Map<string, IpvsConnection>()
  private readonly byServer = new Map<string, IpvsConnection>()
  private readonly all = new Set<IpvsConnection>()
  /** Those that the dump's own counts do not have yet. */
  private readonly uncounted = new Set<IpvsConnection>()

  add(c: IpvsConnection): void {
    const before = this.byClient.get(key(c.proto, c.caddr, c.cport, c.vaddr, c.vport))
    if (before) this.remove(before)
    this.all.add(c)
    if (!c.loaded && c.cport !== 0) this.uncounted.add(c)
    this.byClient.set(key(c.proto, c.caddr, c.cport, c.vaddr, c.vport), c)
    if (c.cport !== 0) this.byServer.set(answerKey(c), c)
  }
  /** ip_vs_conn_expire_now(). */
  remove(c: IpvsConnection): void {
    this.all.delete(c)
    this.uncounted.delete(c)
    const client = key(c.proto, c.caddr, c.cport, c.vaddr, c.vport)
    if (this.byClient.get(client) === c) this.byClient.delete(client)
    const server = answerKey(c)
    if (this.byServer.get(server) === c) this.byServer.delete(server)
  }
  /** ip_vs_conn_in_get(), and with client port 0 ip_vs_ct_in_get(): client → virtual. */
  incoming(
    { proto, caddr, cport, vaddr, vport }: Omit<Request, 'family'>,
    now: number,
  ): IpvsConnection | undefined {
    return alive(this.byClient.get(key(proto, caddr, cport, vaddr, vport)), now)
  }
  /** ip_vs_conn_out_get(): by its real server, in the place of the virtual address. */
  outgoing(
    { proto, caddr, cport, vaddr, vport }: Omit<Request, 'family'>,
    now: number,
  ): IpvsConnection | undefined {
    return alive(this.byServer.get(key(proto, caddr, cport, vaddr, vport)), now)
  }
  touch(c: IpvsConnection, state: string, way: 'in' | 'out', now: number): void {
    c.state = state
    c.expires = now + timeoutOf(c.proto, state)
    // ip_vs_control_assure_ct(): an established connection makes its template a sure one, or UDP's first answer
    if (c.template && (state === 'ESTABLISHED' || (state === 'UDP' && way === 'out')))
      c.template.state = 'ASSURED'
  }
  /** Connections of a real server, for schedulers that count. */
  countOf(server: RealServer): { active: number; inactive: number } {
    let active = 0
    let inactive = 0
    for (const c of this.uncounted)
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

/** Answers come from the real server; from the virtual address where the packet went there untranslated. */
const answerKey = (c: IpvsConnection): string =>
  c.method === 'Masq'
    ? key(c.proto, c.caddr, c.cport, c.daddr, c.dport)
    : key(c.proto, c.caddr, c.cport, c.vaddr, c.vport)

const key = (proto: number, a: Ip, ap: number, b: Ip, bp: number): string => `${proto} ${a} ${ap} ${b} ${bp}`
const alive = (c: IpvsConnection | undefined, now: number): IpvsConnection | undefined =>
  c && c.expires > now ? c : undefined

/** A line of `ipvsadm -Lnc`. */
export function connectionLine(c: IpvsConnection, now: number): string {
  const left = Math.max(0, Math.floor(c.expires - now))
  const clock = `${String(Math.floor(left / 60)).padStart(2, '0')}:${String(left % 60).padStart(2, '0')}`
  const end = (a: Ip, p: number) => (a.includes(':') ? `[${a}]:${p}` : `${a}:${p}`)
  const proto = c.proto === 0 ? 'IP' : protoLabel(c.proto).toUpperCase()
  return `${proto.padEnd(3)} ${clock}  ${c.state.padEnd(11)} ${end(c.caddr, c.cport).padEnd(18)} ${end(c.vaddr, c.vport).padEnd(18)} ${end(c.daddr, c.dport)}`
}

/** ip_vs_set_state(). */
export function advance(c: IpvsConnection, packet: Packet, way: 'in' | 'out', here: Here): void {
  const state = nextState(c, packet, way === 'in' ? 'client' : 'server')
  here.state.ipvs.connections.touch(c, state, way, here.run.now)
}
