import type { IfaceKind, VxlanInfo } from '../model/iface.js'
import { parseIp } from '../values/ip.js'
import { decimal } from './lines.js'
import type { LinkDraft } from './link-draft.js'

/** Kinds as `ip -d link` prints them that differ in how a packet travels; every other kind is `other`. */
const KINDS = new Map<string, IfaceKind>([
  ['veth', 'veth'],
  ['bridge', 'bridge'],
  ['dummy', 'dummy'],
  ['vxlan', 'vxlan'],
  ['ipip', 'ipip'],
  ['macvlan', 'macvlan'],
  ['macvtap', 'macvlan'],
  ['ipvlan', 'ipvlan'],
  ['ipvtap', 'ipvlan'],
  ['vlan', 'vlan'],
  // to the tables a bond or team is a network card like any other
  ['bond', 'physical'],
  ['team', 'physical'],
])
const OTHERS = new Set([
  'tun',
  'tap',
  'wireguard',
  'gre',
  'gretap',
  'sit',
  'ip6tnl',
  'vti',
  'ifb',
  'vrf',
  'geneve',
  'nlmon',
])

export const kindOfInfo = (word: string): IfaceKind | undefined =>
  KINDS.get(word) ?? (OTHERS.has(word) ? 'other' : undefined)

/** The data of a kind, from text or JSON: the words are the same in both, save a few. */
export function readKindData(
  link: LinkDraft,
  kind: IfaceKind,
  get: (key: string) => string | undefined,
): void {
  const address = (key: string) => parseIp(get(key) ?? '')
  const [local, remote] = [address('local') ?? address('local6'), address('remote') ?? address('remote6')]
  if (kind === 'vxlan') {
    const vxlan: { -readonly [K in keyof VxlanInfo]: VxlanInfo[K] } = {
      id: decimal(get('id')) ?? 0,
      port: decimal(get('dstport') ?? get('port')) ?? 8472,
    }
    if (local) vxlan.local = local
    if (remote) vxlan.remote = remote
    const dev = get('dev') ?? get('link')
    if (dev) vxlan.dev = dev
    link.vxlan = vxlan
  } else if (kind === 'ipip') link.tunnel = { ...(local ? { local } : {}), ...(remote ? { remote } : {}) }
  else if (kind === 'vlan') {
    const id = decimal(get('id'))
    if (id !== undefined) link.vlanId = id
  } else if (kind === 'macvlan' || kind === 'ipvlan') {
    const mode = get('mode')
    if (mode !== undefined && mode !== '') link.mode = mode
    // text has the flag behind the mode; JSON as a key of its own
    const flag = kind === 'ipvlan' ? (['private', 'vepa'] as const).find(f => saysSo(get, f)) : undefined
    if (flag) link.modeFlag = flag
  } else if (kind === 'bridge') {
    if (get('vlan_filtering') === '1') link.vlanFiltering = true
    if (get('nf_call_iptables') !== undefined)
      link.nfCall = {
        iptables: get('nf_call_iptables') === '1',
        ip6tables: get('nf_call_ip6tables') === '1',
        arptables: get('nf_call_arptables') === '1',
      }
  }
}

const saysSo = (get: (key: string) => string | undefined, flag: string): boolean =>
  get(get('mode') ?? '') === flag || get(flag) === 'true'
