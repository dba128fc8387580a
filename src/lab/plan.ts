import { type Connection, connectionOf } from './known-connections.js'
import type { Iface } from '../model/iface.js'
import type { IpvsTable } from '../model/ipvs.js'
import type { IpSet } from '../model/ipset.js'
import { TABLE_LOCAL } from '../model/route.js'
import type { Netns, Snapshot } from '../model/snapshot.js'
import { printRuleset } from '../print/iptables-save.js'
import { printIpvsSave } from '../print/ipvsadm.js'
import { namespacesOf } from '../snapshot/names.js'

/** What not every kernel has, of what a world may ask for. */
export interface Has {
  readonly dummy: boolean
  readonly ipvs: boolean
  /** Does TRACE of the legacy back end reach us? */
  readonly legacyTrace: boolean
  readonly sctp: boolean
}
export const HAS_NOT: Has = { dummy: false, ipvs: false, legacyTrace: false, sctp: false }

/** What a namespace needs once its devices are there: text for `ip -batch` and the tools' own restore forms. */
export interface SpacePlan {
  readonly netns: Netns
  /** `ip -batch` lines; each may fail by itself, and is told then. */
  readonly ip: readonly string[]
  /** Of these, the ones that tell where neighbours are. */
  readonly neighbours: readonly string[]
  readonly fdb: readonly string[]
  readonly sysctls: readonly (readonly [path: string, value: string])[]
  readonly ipset: string
  /** What is tracked there already; nothing, where no rule asks for tracking. */
  readonly connections: readonly Connection[]
  /** For `ipvsadm -R`. */
  readonly ipvs: string
  readonly rules: readonly { readonly tool: string; readonly text: string; readonly family: string }[]
}

/** A device, or a pair of them, to be made: the order is the one that the kernel lists them in afterwards. */
export type Making =
  /** A line for `ip -batch` in the namespace of this name. */
  | { readonly netns: string; readonly line: string }
  /** One end of a cable. Two ends: a veth pair. More: a switch with a port for each. One: it leads nowhere. */
  | {
      readonly ends: Cable['ends']
      /** Which end this is, which cable, and whether it is the first end of it to be made. */
      readonly at: number
      readonly number: number
      readonly isFirst: boolean
    }
interface Cable {
  readonly ends: readonly { readonly netns: string; readonly iface: string }[]
}

/**
 * All devices in the order of their numbers, machines before pods: where the kernel takes the first address that
 * will do, it goes by this order.
 */
export function makingsOf(snapshot: Snapshot, has = HAS_NOT): Making[] {
  const cableAt = new Map<string, Cable>()
  for (const cable of cablesOf(snapshot, has))
    for (const { netns, iface } of cable.ends) cableAt.set(`${netns}\0${iface}`, cable)
  const numbers = new Map<Cable, number>()
  const out: Making[] = []
  const hostsFirst = [...namespacesOf(snapshot)].sort((a, b) => Number(b.isHost) - Number(a.isHost))
  for (const netns of hostsFirst)
    for (const iface of [...netns.ifaces].sort((a, b) => a.index - b.index)) {
      const cable = cableAt.get(`${netns.name}\0${iface.name}`)
      if (!cable) {
        out.push(...createDevice(netns, iface).map(line => ({ netns: netns.name, line })))
        continue
      }
      const isFirst = !numbers.has(cable)
      if (isFirst) numbers.set(cable, numbers.size)
      const at = cable.ends.findIndex(e => e.netns === netns.name && e.iface === iface.name)
      out.push({ ends: cable.ends, at, number: numbers.get(cable)!, isFirst })
    }
  return out
}

const CABLED: ReadonlySet<string> = new Set(['veth', 'physical', 'dummy', 'other', 'macvlan', 'ipvlan'])

/** Every device that is built as one end of a veth pair, by the cable that it hangs on. */
function cablesOf(snapshot: Snapshot, has: Has): Cable[] {
  const isCabled = (kind: Iface['kind']) => CABLED.has(kind) && !(has.dummy && kind === 'dummy')
  const taken = new Set<string>()
  const key = (netns: string, iface: string) => `${netns}\0${iface}`
  const cabled = new Set(
    namespacesOf(snapshot).flatMap(n => n.ifaces.filter(i => isCabled(i.kind)).map(i => key(n.name, i.name))),
  )
  const cables: Cable[] = []
  for (const { ends } of snapshot.wires) {
    const mine = ends.filter(e => cabled.has(key(e.netns, e.iface)) && !taken.has(key(e.netns, e.iface)))
    for (const end of mine) taken.add(key(end.netns, end.iface))
    if (mine.length > 0) cables.push({ ends: mine })
  }
  for (const netns of namespacesOf(snapshot))
    for (const iface of netns.ifaces) {
      const k = key(netns.name, iface.name)
      if (cabled.has(k) && !taken.has(k)) cables.push({ ends: [{ netns: netns.name, iface: iface.name }] })
    }
  return cables
}

export const hasServices = ({ ipvs }: Netns): boolean => ipvs !== undefined && ipvs.services.length > 0

/** The kernel puts each new server at the head of its list, which is to be the one that is printed. */
const asAdded = (table: IpvsTable): IpvsTable => ({
  ...table,
  services: table.services.map(s => ({ ...s, realServers: s.realServers.toReversed() })),
})

/** The plan of a namespace; its devices exist already. */
export function planSpace(netns: Netns, has = HAS_NOT): SpacePlan {
  const neighbours = neighbourLines(netns)
  const ip = [
    ...netns.ifaces.flatMap(dressDevice),
    ...netns.ifaces
      .filter(iface => iface.up && iface.name !== 'tunl0')
      .map(iface => `link set ${iface.name} up`),
    // addresses come after the devices are up: only then the kernel makes their routes
    ...netns.ifaces.flatMap(addressLines),
    ...routeLines(netns),
    ...ruleLines(netns),
    ...neighbours,
  ]
  return {
    netns,
    ip,
    neighbours,
    fdb: fdbLines(netns),
    sysctls: sysctlsOf(netns).filter(([path]) => has.ipvs || !path.startsWith('net/ipv4/vs/')),
    ipset: netns.sets.map(setText).join(''),
    connections: netns.rulesets.some(r => r.tables.length > 0) ? netns.conntrack.map(connectionOf) : [],
    ipvs: has.ipvs && netns.ipvs ? printIpvsSave(asAdded(netns.ipvs)) : '',
    rules: netns.rulesets
      .filter(r => r.tables.length > 0)
      .map(r => ({
        family: r.family,
        tool: `${r.family === 'ipv6' ? 'ip6' : 'ip'}tables-${r.backend}-restore`,
        text: printRuleset(r),
      })),
  }
}

function createDevice(netns: Netns, iface: Iface): string[] {
  const { name, mac, vxlan, tunnel } = iface
  const address = mac === undefined ? '' : ` address ${mac}`
  switch (iface.kind) {
    case 'bridge': {
      const { nfCall } = iface
      const calls = nfCall
        ? ` nf_call_iptables ${+nfCall.iptables} nf_call_ip6tables ${+nfCall.ip6tables} nf_call_arptables ${+nfCall.arptables}`
        : ''
      return [`link add ${name}${address} type bridge stp_state 0 forward_delay 0 mcast_snooping 0${calls}`]
    }
    case 'vxlan': {
      if (!vxlan) return []
      const local = vxlan.local === undefined ? '' : ` local ${vxlan.local}`
      const remote = vxlan.remote === undefined ? '' : ` remote ${vxlan.remote}`
      const dev = vxlan.dev === undefined ? '' : ` dev ${vxlan.dev}`
      return [
        `link add ${name}${address} type vxlan id ${vxlan.id}${local}${remote}${dev} dstport ${vxlan.port} nolearning`,
      ]
    }
    case 'ipip': {
      if (name === 'tunl0') return []
      const local = tunnel?.local === undefined ? '' : ` local ${tunnel.local}`
      const remote = tunnel?.remote === undefined ? '' : ` remote ${tunnel.remote}`
      return [`link add ${name} type ipip${local}${remote}`]
    }
    case 'vlan': {
      const lower = netns.ifaces.find(i => !iface.linkElsewhere && i.index === iface.linkIndex)
      if (!lower || iface.vlanId === undefined) return []
      return [`link add link ${lower.name} name ${name}${address} type vlan id ${iface.vlanId}`]
    }
    case 'dummy':
      return [`link add ${name}${address} type dummy`]
    default:
      return []
  }
}

function dressDevice(iface: Iface): string[] {
  const { name, mac, mtu, master, bridgePort } = iface
  // tunl0 comes with its module, if the kernel has it
  if (iface.kind === 'loopback' || iface.name === 'tunl0') return []
  const lines: string[] = []
  if (mac !== undefined && CABLED.has(iface.kind)) lines.push(`link set ${name} address ${mac}`)
  lines.push(`link set ${name} mtu ${mtu}`)
  if (iface.noarp && iface.kind !== 'ipip') lines.push(`link set ${name} arp off`)
  if (iface.promisc) lines.push(`link set ${name} promisc on`)
  if (master !== undefined) {
    lines.push(`link set ${name} master ${master}`)
    if (bridgePort) {
      const on = (flag: boolean) => (flag ? 'on' : 'off')
      const { hairpin, isolated, learning, flood, mcastFlood, bcastFlood } = bridgePort
      lines.push(
        `link set ${name} type bridge_slave hairpin ${on(hairpin)} isolated ${on(isolated)} learning ${on(learning)} flood ${on(flood)} mcast_flood ${on(mcastFlood)} bcast_flood ${on(bcastFlood)}`,
      )
    }
  }
  return lines
}

function addressLines(iface: Iface): string[] {
  return iface.addresses.flatMap(a => {
    if (iface.kind === 'loopback' && (a.address === '127.0.0.1' || a.address === '::1')) return []
    const peer = a.peer === undefined ? '' : ` peer ${a.peer}`
    const own = a.peer === undefined ? `${a.address}/${a.prefixLength}` : `${a.address}`
    const scope = a.family === 'ipv4' ? ` scope ${a.scope}` : ''
    const far = a.peer === undefined ? '' : `/${a.prefixLength}`
    const dad = a.family === 'ipv6' ? ' nodad' : ' brd +'
    const brd = a.family === 'ipv4' && a.prefixLength >= 31 ? '' : dad
    return [`address add ${own}${peer}${far}${brd}${scope} dev ${iface.name}`]
  })
}

/** All tables but the local one as dumped; of the local one what is not the kernel's own making. */
function routeLines(netns: Netns): string[] {
  const lines = ['-4 route flush table main', '-6 route flush table main']
  const wanted = netns.routes.filter(r => r.table !== TABLE_LOCAL || !/\bproto kernel\b/.test(r.text))
  const near = wanted.filter(r => r.nexthops.every(n => n.via === undefined))
  const far = wanted.filter(r => !near.includes(r))
  for (const route of [...near, ...far]) {
    if (route.family === 'ipv6' && (route.type === 'multicast' || route.type === 'anycast')) continue
    const text = route.text
      .replace(/\b(linkdown|dead|offload|trap|rt_offload|pref \w+|expires \S+|error -?\d+|cache)\b/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
    lines.push(`${route.family === 'ipv6' ? '-6' : '-4'} route append ${text}`)
  }
  return lines
}

const STANDARD_RULES: ReadonlySet<number> = new Set([0, 32766, 32767])

function ruleLines(netns: Netns): string[] {
  return netns.rules
    .filter(rule => !STANDARD_RULES.has(rule.priority))
    .map(rule => {
      const text = rule.text.replace(/^\s*\d+:\s*/, '').replace(/\s*\[detached\]/g, '')
      return `${rule.family === 'ipv6' ? '-6' : '-4'} rule add pref ${rule.priority} ${text}`
    })
}

/** Where MAC addresses are, of tunnels and of ports; those of the ports themselves are the kernel's own. */
function fdbLines(netns: Netns): string[] {
  const own = new Set(netns.ifaces.map(iface => iface.mac))
  return netns.fdb.flatMap(e => {
    if (e.dst !== undefined) return [`fdb append ${e.mac} dev ${e.dev} dst ${e.dst} self permanent`]
    if (e.master === undefined || own.has(e.mac) || e.vlan !== undefined) return []
    return [`fdb replace ${e.mac} dev ${e.dev} master static`]
  })
}

/** Entries that were true when dumped are made to stay, so that what is not in the snapshot has its address. */
function neighbourLines(netns: Netns): string[] {
  return netns.neighbours.flatMap(n => {
    if (n.proxy) return [`neigh add proxy ${n.address} dev ${n.dev}`]
    if (n.mac === undefined || n.state !== 'PERMANENT') return []
    return [`neigh replace ${n.address} lladdr ${n.mac} dev ${n.dev} nud permanent`]
  })
}

const SYSCTLS = /^net\.(ipv[46]\.|bridge\.bridge-nf-call|netfilter\.nf_conntrack_)/
const LEFT =
  /\.neigh\.|_mem$|stable_secret|nf_conntrack_(max|buckets|count|expect_max|helper)$|\.mtu$|\.conf\.\S+\.(accept_dad|addr_gen_mode|accept_ra|autoconf)$/

/** Settings to write, `ip_forward` first: it changes the devices' own, which are dumped as they were afterwards. */
function sysctlsOf(netns: Netns): (readonly [string, string])[] {
  const first = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding']
  const keys = Object.keys(netns.sysctl).filter(k => SYSCTLS.test(k) && !LEFT.test(k))
  const order = [...first.filter(k => keys.includes(k)), ...keys.filter(k => !first.includes(k))]
  const pairs = order.map(key => [sysctlPath(key), netns.sysctl[key]!] as const)
  for (const tool of ['iptables', 'ip6tables', 'arptables']) {
    const key = `net.bridge.bridge-nf-call-${tool}`
    // br_netfilter cannot be taken out of a kernel that others use; 0 is the same as its absence
    if (!Object.hasOwn(netns.sysctl, key)) pairs.push([sysctlPath(key), '0'])
  }
  return pairs
}

/** `net.ipv4.conf.eth0/100.rp_filter` is a file below `conf/eth0.100`. */
const sysctlPath = (key: string): string => key.replace(/[./]/g, c => (c === '.' ? '/' : '.'))

function setText(set: IpSet): string {
  const options = (o: Readonly<Record<string, string>>) =>
    Object.entries(o)
      .filter(([name]) => name !== 'initval')
      .map(([name, value]) => (value === '' ? ` ${name}` : ` ${name} ${value}`))
      .join('')
  const head = `create ${set.name} ${set.type}${set.type === 'list:set' || set.type.startsWith('bitmap:') ? '' : ` family ${set.family}`}`
  const given = Object.fromEntries(Object.entries(set.options).filter(([name]) => name !== 'family'))
  const adds = set.entries.map(e => `add ${set.name} ${e.element}${options(e.options)}\n`)
  return `${head}${options(given)}\n${adds.join('')}`
}
