import { type Device, type Host, newHost } from '../host.js'
import type { Random } from '../random.js'
import { TCP_PORTS, UDP_PORTS } from './world.js'

let macs = 0
/** A world's addresses are its own, whatever was drawn before it: rules may ask for them. */
export const restartMacs = (): void => {
  macs = 0
}
export const mac = (): string => {
  macs = (macs + 1) & 0xffff
  return `02:00:00:00:${(macs >> 8).toString(16).padStart(2, '0')}:${(macs & 255).toString(16).padStart(2, '0')}`
}
export const veth = (name: string, addresses: string[] = [], more: Partial<Device> = {}): Device => ({
  name,
  kind: 'veth',
  mac: mac(),
  addresses,
  ...more,
})

export function listen(host: Host, random: Random): void {
  for (const family of ['0.0.0.0', '::'])
    for (const [proto, ports] of [
      ['tcp', TCP_PORTS],
      ['udp', UDP_PORTS],
    ] as const)
      for (const port of ports) if (random.chance(0.92)) host.listeners.push({ proto, address: family, port })
  if (random.chance(0.3)) host.listeners.push({ proto: 'tcp', address: '127.0.0.1', port: 9999 })
}

/** In IPv6 everybody knows everybody on the wire, or has to ask, for which one needs a link-local address. */
export function acquaint(random: Random, ...ends: (readonly [host: Host, dev: string])[]): void {
  if (random.chance(0.5)) {
    if (random.chance(0.9))
      for (const [host, dev] of ends) {
        const { addresses, mac } = host.devices.find(d => d.name === dev)!
        addresses.push(
          `fe80::${mac!
            .slice(-5)
            .replace(':', '')
            .replace(/^0+(?=.)/, '')}/64`,
        )
      }
    return
  }
  const known = ends.flatMap(([host, dev]) => {
    const device = host.devices.find(d => d.name === dev)!
    return device.addresses
      .filter(a => a.includes(':'))
      .map(a => ({ host, address: a.split('/')[0]!, mac: device.mac! }))
  })
  for (const [host, dev] of ends)
    for (const one of known)
      if (one.host !== host) host.neighbours.push(`${one.address} dev ${dev} lladdr ${one.mac} PERMANENT`)
}

export const leaf = (folder: string, addresses: string[], random: Random, routes: string[]): Host => {
  const host = newHost(folder)
  host.devices.push(veth('eth0', addresses))
  host.routes.push(...routes)
  host.sysctl.set('net.ipv4.icmp_ratelimit', '0')
  host.sysctl.set('net.ipv6.icmp.ratelimit', '0')
  // its packets die on the way
  if (random.chance(0.03)) {
    const hops = random.pick(['1', '2', '3'])
    host.sysctl.set('net.ipv4.ip_default_ttl', hops)
    host.sysctl.set('net.ipv6.conf.all.hop_limit', hops)
    host.sysctl.set('net.ipv6.conf.eth0.hop_limit', hops)
  }
  listen(host, random)
  return host
}

/** A cable that takes less than others: both its ends say so. */
export function narrow(random: Random, ...ends: (readonly [host: Host, dev: string])[]): void {
  if (!random.chance(0.06)) return
  const mtu = random.pick([1280, 1400, 1492])
  for (const [host, dev] of ends) host.devices.find(d => d.name === dev)!.mtu = mtu
}

/** Entries that somebody typed: the address that a device has, or had. */
export function typed(random: Random, host: Host, dev: string, far: Host, farDev: string): void {
  if (!random.chance(0.05)) return
  const device = far.devices.find(d => d.name === farDev)!
  const address = device.addresses.find(a => !a.includes(':'))?.split('/')[0]
  const at = random.chance(0.8) ? device.mac : '02:00:00:00:ff:ff'
  if (address !== undefined) host.neighbours.push(`${address} dev ${dev} lladdr ${at} PERMANENT`)
}

/** Settings of a node; rare ones rarely. */
export function settings(node: Host, random: Random, bridge: boolean): void {
  const set = (key: string, value: number | string) => node.sysctl.set(key, String(value))
  set('net.ipv4.ip_forward', random.chance(0.93) ? 1 : 0)
  set('net.ipv6.conf.all.forwarding', random.chance(0.93) ? 1 : 0)
  if (bridge && random.chance(0.9)) {
    set('net.bridge.bridge-nf-call-iptables', random.chance(0.7) ? 1 : 0)
    set('net.bridge.bridge-nf-call-ip6tables', random.chance(0.7) ? 1 : 0)
  }
  const all = random.weighted([
    [8, 0],
    [1.5, 1],
    [1.5, 2],
  ])
  set('net.ipv4.conf.all.rp_filter', all)
  for (const device of node.devices) {
    // sysctl spells eth0.100 with a slash
    const name = device.name.replaceAll('.', '/')
    set(`net.ipv4.conf.${name}.rp_filter`, random.chance(0.9) ? 0 : 1 + random.below(2))
    // how often errors and redirects were sent before is no part of a flow: both limits are off
    set(`net.ipv4.conf.${name}.send_redirects`, 0)
    if (random.chance(0.06)) set(`net.ipv4.conf.${name}.route_localnet`, 1)
    if (random.chance(0.04)) set(`net.ipv4.conf.${name}.accept_local`, 1)
    if (random.chance(0.05)) set(`net.ipv4.conf.${name}.src_valid_mark`, 1)
  }
  set('net.ipv4.conf.all.send_redirects', 0)
  set('net.ipv4.icmp_ratelimit', 0)
  set('net.ipv6.icmp.ratelimit', 0)
  if (random.chance(0.08)) set('net.netfilter.nf_conntrack_tcp_loose', 0)
  if (random.chance(0.08)) set('net.netfilter.nf_conntrack_tcp_be_liberal', 1)
  if (random.chance(0.06)) set('net.ipv4.icmp_errors_use_inbound_ifaddr', 1)
  if (random.chance(0.04)) set('net.ipv4.icmp_echo_ignore_all', 1)
  if (random.chance(0.06)) set('net.ipv4.fwmark_reflect', 1)
  if (random.chance(0.05)) set('net.ipv4.ip_default_ttl', 32)
}

/** Policy routing: a mark, a source or a device sends to a table of its own. */
export function policies(node: Host, random: Random, gateways: readonly string[]): void {
  if (random.chance(0.75)) return
  const selector = random.pick([
    'from all fwmark 0x1',
    'from all fwmark 0x4000/0x4000',
    ...(gateways.length > 0 ? ['from 10.244.1.2'] : []),
    'from all iif lo',
    'from all to 10.96.0.0/12',
  ])
  node.rules.push(`100:\t${selector} lookup 100`)
  const what = random.pick([
    ...gateways.map(g => `default ${g} table 100`),
    'unreachable default table 100',
    'blackhole default table 100',
    'prohibit default table 100',
    'throw default table 100',
  ])
  node.routes.push(what)
}
