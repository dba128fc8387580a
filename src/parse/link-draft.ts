import type { BridgePort, Iface, IfaceKind, InterfaceAddress } from '../model/iface.js'
import type { Mac } from '../values/mac.js'

/** What one dump tells of a device; several dumps of one namespace are laid over each other, the first that knows wins. */
export interface LinkDraft {
  readonly name: string
  readonly index: number
  kind?: IfaceKind
  mac?: Mac
  mtu?: number
  group?: number
  /** `BROADCAST`, `UP`, …; undefined: not told (`ip -o addr`). */
  flags?: readonly string[]
  addresses: InterfaceAddress[]
  linkIndex?: number
  linkElsewhere?: boolean
  /** Name of the lower device or veth peer in the same namespace. */
  lower?: string
  linkNetns?: string
  linkNetnsId?: number
  master?: string
  bridgePort?: BridgePort
  vxlan?: Iface['vxlan']
  tunnel?: Iface['tunnel']
  vlanId?: number
  mode?: string
  modeFlag?: 'private' | 'vepa'
  vlanFiltering?: boolean
  typeName?: string
  nfCall?: Iface['nfCall']
  promiscuity?: number
}

export const newLink = (name: string, index: number): LinkDraft => ({ name, index, addresses: [] })

export const portState = (word: string | undefined): BridgePort['state'] =>
  word === 'learning' || word === 'listening' || word === 'blocking' || word === 'disabled'
    ? word
    : 'forwarding'

/** The group of a device: `default`, or a number where /etc/iproute2/group gives it no name. */
export const groupNumber = (word: string | undefined): number | undefined =>
  word === 'default' ? 0 : /^(\d{1,10}|0x[0-9a-f]{1,8})$/.test(word ?? '') ? Number(word) : undefined

export const scopeOf = (word: string | undefined): InterfaceAddress['scope'] =>
  word === 'link' || word === 'host' || word === 'site' ? word : 'global'

/** Kind by name, for dumps without `-d`: the names that container networks give their devices. */
const NAMED: readonly (readonly [RegExp, IfaceKind])[] = [
  [/^lo$/, 'loopback'],
  [/^(kube-ipvs|nodelocaldns|dummy)/, 'dummy'],
  [/^(flannel[.-]|vxlan|vx-|cilium_vxlan|antrea-vxlan)/, 'vxlan'],
  [/^(tunl|ipip|flannel\.ipip)/, 'ipip'],
  [/^(cni|cbr|docker|br|virbr|podman|kube-bridge|nerdctl|lxcbr)-?\d*(-[0-9a-f]+)?$/, 'bridge'],
  [/^(veth|cali|lxc|azv|eni[0-9a-f]{8})/, 'veth'],
  [/^(tun|tap|wg|ppp|sit|gre)/, 'other'],
]

/** Lays further dumps of the same namespace under the first: what it lacks, they supply. Devices only they know are added. */
export function mergeLinks(lists: readonly (readonly LinkDraft[])[]): LinkDraft[] {
  const byName = new Map<string, LinkDraft>()
  for (const list of lists) {
    const seenHere = new Set<string>()
    for (const link of list) {
      if (seenHere.has(link.name)) continue
      seenHere.add(link.name)
      const first = byName.get(link.name)
      if (!first) byName.set(link.name, { ...link })
      else {
        const addresses = first.addresses.length > 0 ? first.addresses : link.addresses
        // an `other` of a text that names no kind must not hide what a twin knows
        const kind =
          first.kind === undefined || first.kind === 'other' ? (link.kind ?? first.kind) : first.kind
        const merged: LinkDraft = { ...link, ...first, addresses }
        if (kind !== undefined) merged.kind = kind
        byName.set(link.name, merged)
      }
    }
  }
  return [...byName.values()].sort((a, b) => a.index - b.index)
}

/** The devices of a namespace, once all that was dumped of them is together. */
export function finishLinks(links: readonly LinkDraft[]): Iface[] {
  const masters = new Set(links.map(l => l.master))
  const ports = new Set(links.filter(l => l.bridgePort).map(l => l.master))
  const indexOf = new Map(links.map(l => [l.name, l.index]))
  const lowers = new Map(links.map(l => [l.name, l.lower]))
  return links.map(link => {
    const flags = link.flags ?? ['UP']
    const iface: { -readonly [K in keyof Iface]: Iface[K] } = {
      name: link.name,
      index: link.index,
      kind: link.kind ?? guessKind(link, masters, ports, lowers),
      mtu: link.mtu ?? 1500,
      up: flags.includes('UP'),
      addresses: link.addresses,
      linkElsewhere: link.linkElsewhere ?? false,
      // every bridge port counts one promiscuity of its own
      promisc: flags.includes('PROMISC') || (link.promiscuity ?? 0) > (link.master === undefined ? 0 : 1),
      noarp: flags.includes('NOARP'),
    }
    const linkIndex = link.linkIndex ?? (link.lower === undefined ? undefined : indexOf.get(link.lower))
    if (linkIndex !== undefined) iface.linkIndex = linkIndex
    if (link.mac !== undefined) iface.mac = link.mac
    if (link.linkNetns !== undefined) iface.linkNetns = link.linkNetns
    if (link.linkNetnsId !== undefined) iface.linkNetnsId = link.linkNetnsId
    if (link.master !== undefined) iface.master = link.master
    if (link.bridgePort !== undefined) iface.bridgePort = link.bridgePort
    if (link.group !== undefined) iface.group = link.group
    if (link.vxlan !== undefined) iface.vxlan = link.vxlan
    if (link.tunnel !== undefined) iface.tunnel = link.tunnel
    if (link.vlanId !== undefined) iface.vlanId = link.vlanId
    if (link.mode !== undefined) iface.mode = link.mode
    if (link.modeFlag !== undefined) iface.modeFlag = link.modeFlag
    if (link.vlanFiltering !== undefined) iface.vlanFiltering = link.vlanFiltering
    if (link.typeName !== undefined) iface.typeName = link.typeName
    if (link.nfCall !== undefined) iface.nfCall = link.nfCall
    return iface
  })
}

function guessKind(
  link: LinkDraft,
  masters: ReadonlySet<string | undefined>,
  bridges: ReadonlySet<string | undefined>,
  lowers: ReadonlyMap<string, string | undefined>,
): IfaceKind {
  if (bridges.has(link.name)) return 'bridge'
  const named = NAMED.find(([pattern]) => pattern.test(link.name))?.[1]
  if (named !== undefined) return named
  if (link.linkElsewhere) return 'veth'
  // only the ends of a veth pair name each other
  if (link.lower !== undefined && lowers.get(link.lower) === link.name) return 'veth'
  if (link.lower !== undefined && /\.\d{1,4}$/.test(link.name)) return 'vlan'
  return masters.has(link.name) ? 'bridge' : 'physical'
}
