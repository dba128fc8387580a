import type { InterfaceAddress } from '../model/iface.js'
import { parseIp, widthOf } from '../values/ip.js'
import { parseMac } from '../values/mac.js'
import { addressFlags, type LinksRead } from './ip-addr.js'
import { type JsonObject, readJsonList } from './json.js'
import { groupNumber, type LinkDraft, newLink, portState, scopeOf } from './link-draft.js'
import { kindOfInfo, readKindData } from './link-kind.js'

/** Reads `ip -j [-d] addr` and `ip -j [-d] link`. */
export function parseIpAddrJson(text: string, file: string): LinksRead {
  const list = readJsonList(text, file)
  const links: LinkDraft[] = []
  const problems = [...list.problems]
  for (const item of list.items) {
    const name = item.text('ifname')
    const index = item.number('ifindex')
    if (name === undefined || name === '' || index === undefined) {
      problems.push(list.about(name ?? 'ifname', 'an interface without `ifname` or `ifindex`'))
      continue
    }
    const link = newLink(name, index)
    links.push(link)
    readLink(link, item)
    for (const entry of item.objects('addr_info')) {
      if (!entry.has('family') && !entry.has('local')) continue
      const address = readAddress(entry)
      if (address) link.addresses.push(address)
      else problems.push(list.about(entry.text('local') ?? name, `${name}: an address that cannot be read`))
    }
  }
  return { links, problems }
}

function readLink(link: LinkDraft, item: JsonObject): void {
  link.flags = item.texts('flags')
  const mtu = item.number('mtu')
  if (mtu !== undefined) link.mtu = mtu
  const group = groupNumber(item.text('group'))
  if (group !== undefined) link.group = group
  const linkType = item.text('link_type')
  const mac =
    linkType === 'ether' || linkType === 'loopback' ? parseMac(item.text('address') ?? '') : undefined
  if (mac) link.mac = mac
  const [index, lower, master] = [item.number('link_index'), item.text('link'), item.text('master')]
  if (index !== undefined) {
    link.linkIndex = index
    link.linkElsewhere = true
  } else if (lower !== undefined) link.lower = lower
  const [netns, netnsId] = [item.text('link_netns'), item.number('link_netnsid')]
  if (netns !== undefined) link.linkNetns = netns
  if (netnsId !== undefined) link.linkNetnsId = netnsId
  if (master !== undefined) link.master = master
  link.promiscuity = item.number('promiscuity') ?? 0
  if (linkType === 'loopback') link.kind = 'loopback'
  const info = item.object('linkinfo')
  const infoKind = info?.text('info_kind')
  if (infoKind !== undefined) {
    link.kind = kindOfInfo(infoKind) ?? 'other'
    if (link.kind !== infoKind) link.typeName = infoKind
    const data = info?.object('info_data')
    // flags without a value (`private` of an ipvlan) are true in JSON and a bare word in text
    readKindData(link, link.kind, key => data?.text(key) ?? (data?.flag(key) ? 'true' : undefined))
  }
  const port = info?.text('info_slave_kind') === 'bridge' ? info.object('info_slave_data') : undefined
  if (port) link.bridgePort = readPortJson(port)
}

/** Port flags of `ip -j -d link` and `bridge -j -d link`. Older tools leave out what they do not know: Linux' defaults then. */
export const readPortJson = (port: JsonObject) => ({
  hairpin: port.flag('hairpin'),
  isolated: port.flag('isolated'),
  learning: !port.has('learning') || port.flag('learning'),
  flood: !port.has('flood') || port.flag('flood'),
  mcastFlood: !port.has('mcast_flood') || port.flag('mcast_flood'),
  bcastFlood: !port.has('bcast_flood') || port.flag('bcast_flood'),
  state: portState(port.text('state')),
})

function readAddress(entry: JsonObject): InterfaceAddress | undefined {
  const family = entry.text('family') === 'inet6' ? ('ipv6' as const) : ('ipv4' as const)
  const address = parseIp(entry.text('local') ?? '')
  const prefixLength = entry.number('prefixlen') ?? -1
  if (!address || address.includes(':') !== (family === 'ipv6')) return undefined
  if (prefixLength < 0 || prefixLength > widthOf(family)) return undefined
  const peer = parseIp(entry.text('address') ?? '')
  return {
    address,
    family,
    prefixLength,
    scope: scopeOf(entry.text('scope')),
    secondary: entry.flag('secondary'),
    ...(peer && peer !== address ? { peer } : {}),
    ...addressFlags(family, flag => entry.flag(flag)),
  }
}
