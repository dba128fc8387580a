import { bridgeNfKey } from '../values/tool.js'
import { cached } from '../values/cached.js'
import type { Iface, InterfaceAddress } from '../model/iface.js'
import type { Netns } from '../model/snapshot.js'
import { Fib } from '../routing/fib.js'
import { type Family, type Ip, familyOf } from '../values/ip.js'
import { contains } from '../values/prefix.js'
import { sysctlOf } from '../snapshot/sysctl.js'
import { sourceAddress6 } from './source-address6.js'

/**
 * What is derived from a namespace at rest: indexes and answers to the questions that the path asks again and
 * again. Made once for a frozen Netns, so an edit rebuilds only the namespaces that it touched.
 */
export class Space {
  readonly name: string
  private readonly byName = new Map<string, Iface>()
  private readonly owners = new Map<Ip, Iface>()
  private readonly portsOf = new Map<string, Iface[]>()
  private readonly fibs: Readonly<Record<Family, Fib>>

  private constructor(readonly netns: Netns) {
    this.name = netns.name
    for (const iface of netns.ifaces) {
      this.byName.set(iface.name, iface)
      for (const a of iface.addresses) if (!this.owners.has(a.address)) this.owners.set(a.address, iface)
      if (iface.master !== undefined) {
        const ports = this.portsOf.get(iface.master)
        if (ports) ports.push(iface)
        else this.portsOf.set(iface.master, [iface])
      }
    }
    const up = (dev: string) => this.byName.get(dev)?.up ?? false
    this.fibs = {
      ipv4: new Fib('ipv4', netns.routes, netns.rules, up),
      ipv6: new Fib('ipv6', netns.routes, netns.rules, up),
    }
  }

  private static readonly made = new WeakMap<Netns, Space>()
  static of(netns: Netns): Space {
    return cached(Space.made, netns, () => new Space(netns))
  }

  iface(name: string | undefined): Iface | undefined {
    return name === undefined ? undefined : this.byName.get(name)
  }
  ports(bridge: string): readonly Iface[] {
    return this.portsOf.get(bridge) ?? []
  }
  /** The bridge that a device is a port of. */
  bridgeOf(iface: Iface): Iface | undefined {
    const master = this.iface(iface.master)
    return master?.kind === 'bridge' ? master : undefined
  }
  fib(family: Family): Fib {
    return this.fibs[family]
  }
  /** The device that holds an address. */
  ownerOf(address: Ip): Iface | undefined {
    return this.owners.get(address)
  }
  isLocal(address: Ip): boolean {
    return this.owners.has(address) || this.fib(familyOf(address)).addressType(address) === 'local'
  }

  sysctl(key: string): string | undefined {
    return sysctlOf(this.netns, key)
  }
  number(key: string, otherwise = 0): number {
    const text = this.sysctl(key)
    const n = text === undefined ? Number.NaN : Number.parseInt(text, 10)
    return Number.isNaN(n) ? otherwise : n
  }
  private conf(dev: string, key: string, family: Family): number {
    return this.number(`net.${family}.conf.${dev}.${key}`)
  }
  /** IN_DEV_MAXCONF(): the larger of `all` and the device (rp_filter, arp_ignore, arp_announce). */
  maxConf(dev: string, key: string): number {
    return Math.max(this.conf('all', key, 'ipv4'), this.conf(dev, key, 'ipv4'))
  }
  /** IN_DEV_ORCONF(): `all` or the device (accept_local, route_localnet, send_redirects, proxy_arp). */
  orConf(dev: string, key: string): boolean {
    return this.conf('all', key, 'ipv4') !== 0 || this.conf(dev, key, 'ipv4') !== 0
  }
  /** IN_DEV_FORWARD(): does this device forward what comes in by it? */
  forwards(dev: string, family: Family): boolean {
    // ip6_forward(): the device's own switch makes it a router to its neighbours, but forwards nothing; since 6.17 one does
    if (family === 'ipv6')
      return (
        this.number('net.ipv6.conf.all.forwarding') !== 0 || this.conf(dev, 'force_forwarding', 'ipv6') !== 0
      )
    return this.number(`net.ipv4.conf.${dev}.forwarding`, this.number('net.ipv4.ip_forward')) !== 0
  }
  /** Is IPv6's switch of a device on? It makes it a router to its neighbours. */
  routes6(dev: string): boolean {
    const all = this.number('net.ipv6.conf.all.forwarding')
    return this.number(`net.ipv6.conf.${dev}.forwarding`, all) !== 0
  }
  /** IP4_REPLY_MARK(), IP6_REPLY_MARK(): the mark of what the kernel itself answers a packet with (fwmark_reflect). */
  replyMark(mark: number, family: Family): number {
    return this.number(`net.${family}.fwmark_reflect`) === 0 ? 0 : mark
  }
  /** Is br_netfilter loaded and told to show this bridge's frames to the tables of a family? */
  bridgeNf(bridge: Iface, family: Family): boolean {
    const key = bridgeNfKey(family)
    const value = this.sysctl(key)
    if (value === undefined) return false
    return (
      value.trim() !== '0' ||
      (family === 'ipv4' ? (bridge.nfCall?.iptables ?? false) : (bridge.nfCall?.ip6tables ?? false))
    )
  }

  /** Addresses of a device, primary ones first. */
  addressesOf(dev: string, family: Family): readonly Ip[] {
    const all = (this.iface(dev)?.addresses ?? []).filter(a => a.family === family)
    return [...all.filter(a => !a.secondary), ...all.filter(a => a.secondary)].map(a => a.address)
  }

  /**
   * A source address for what leaves by a device. IPv4, inet_select_addr(): a primary one in the subnet of the next hop,
   * else the device's first, else the first of the namespace. IPv6: see sourceAddress().
   * @param towards the next hop (IPv4), the destination (IPv6)
   * @param scope how near a place the address may be good for alone (IPv4): of those of a device, and of others
   */
  selectAddress(
    dev: string,
    towards: Ip | undefined,
    family: Family,
    scope: InterfaceAddress['scope'],
  ): Ip | undefined {
    if (family === 'ipv6' && towards !== undefined)
      return sourceAddress6(
        this.netns.ifaces,
        dev,
        towards,
        name => this.conf(name, 'use_tempaddr', 'ipv6') >= 2,
      )
    const farEnough = (a: InterfaceAddress) => RANK[a.scope] <= RANK[scope]
    const usable = (iface: Iface | undefined) =>
      (iface?.addresses ?? []).filter(a => a.family === family && !a.secondary && farEnough(a))
    const own = usable(this.iface(dev))
    const near =
      towards === undefined
        ? undefined
        : own.find(a => contains({ base: a.address, length: a.prefixLength }, towards))
    const found = near ?? own[0]
    if (found) return found.address
    // in_dev_select_addr(): an address of one link is of no use on another
    for (const iface of this.netns.ifaces) {
      const other = usable(iface).find(a => a.scope !== 'link')
      if (other) return other.address
    }
    return undefined
  }
}

/** enum rt_scope_t: the greater, the nearer. */
const RANK = { global: 0, site: 200, link: 253, host: 254 } as const
