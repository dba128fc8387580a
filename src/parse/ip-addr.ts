import type { BridgePort, InterfaceAddress } from '../model/iface.js'
import type { Problem } from '../model/place.js'
import { type Family, parseIp, widthOf } from '../values/ip.js'
import { parseMac } from '../values/mac.js'
import { parseIpAddrJson } from './ip-addr-json.js'
import { kindOfInfo, readKindData } from './link-kind.js'
import { groupNumber, type LinkDraft, newLink, portState, scopeOf } from './link-draft.js'
import { type Line, Words, decimal, lineProblem, linesOf } from './lines.js'

export interface LinksRead {
  readonly links: readonly LinkDraft[]
  readonly problems: readonly Problem[]
}

/** Reads `ip [-d] addr`, `ip [-d] link`, `ip -o addr`, or the same with `-j`. */
export function parseIpAddr(text: string, file: string): LinksRead {
  if (/^\s*\[/.test(text)) return parseIpAddrJson(text, file)
  const links: LinkDraft[] = []
  const problems: Problem[] = []
  const byIndex = new Map<number, LinkDraft>()
  let current: LinkDraft | undefined
  for (const line of linesOf(text, problems)) {
    const head = /^(\d{1,10}):\s+([^\s:@]+)(?:@([^\s:]+))?(:?)\s/.exec(line.text)
    if (head) {
      const index = Number(head[1])
      const known = byIndex.get(index)
      current = known ?? newLink(head[2]!, index)
      if (!known) {
        links.push(current)
        byIndex.set(index, current)
      }
      if (head[3] !== undefined) readLower(current, head[3])
      readWords(current, line, file, head[0].length, head[4] === ':', problems)
    } else if (/^\s/.test(line.text)) {
      if (current) readWords(current, line, file, 0, false, problems)
      else
        problems.push(lineProblem(line, file, 'this line belongs to an interface, but none was named before'))
    } else {
      current = undefined
      problems.push(lineProblem(line, file, 'not a line of `ip addr`: expected `INDEX: NAME: <FLAGS> …`'))
    }
  }
  return { links, problems }
}

/** `@if3`: an index in another namespace. `@eth0`: a device of this one. `@NONE`: the default of a tunnel. */
function readLower(link: LinkDraft, lower: string): void {
  const index = /^if(\d{1,10})$/.exec(lower)?.[1]
  if (index !== undefined) {
    link.linkIndex = Number(index)
    link.linkElsewhere = true
  } else if (lower !== 'NONE') link.lower = lower
}

function readWords(
  link: LinkDraft,
  line: Line,
  file: string,
  from: number,
  isHead: boolean,
  problems: Problem[],
): void {
  const words = new Words(line, file, from)
  const first = words.peek() ?? ''
  if (isHead) readHead(link, words)
  else if (first.startsWith('link/')) readLink(link, words)
  else if (first === 'inet' || first === 'inet6') {
    const address = readAddress(words, problems)
    if (address) link.addresses.push(address)
  } else if (first === 'bridge_slave') link.bridgePort = readPort(words)
  else readKind(link, words)
}

function readHead(link: LinkDraft, words: Words): void {
  const flags = words.take() ?? ''
  link.flags = flags.replace(/[<>]/g, '').split(',')
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word === 'mtu') {
      const mtu = decimal(words.take())
      if (mtu !== undefined) link.mtu = mtu
    } else if (word === 'master') {
      const master = words.take()
      if (master !== undefined) link.master = master
    } else if (word === 'group') {
      const group = groupNumber(words.take())
      if (group !== undefined) link.group = group
    }
  }
}

function readLink(link: LinkDraft, words: Words): void {
  const type = words.take()
  if (type === 'link/loopback') link.kind = 'loopback'
  const mac = parseMac(words.peek() ?? '')
  if (mac && (type === 'link/ether' || type === 'link/loopback')) link.mac = mac
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word === 'link-netns') link.linkNetns = words.take() ?? ''
    else if (word === 'link-netnsid') {
      const id = decimal(words.take())
      if (id !== undefined) link.linkNetnsId = id
    } else if (word === 'promiscuity') link.promiscuity = decimal(words.take()) ?? 0
  }
}

/** Words that begin a further line of an interface without naming its kind. */
const NO_KIND = new Set([
  'valid_lft',
  'altname',
  'alias',
  'vf',
  'RX:',
  'TX:',
  'prog/xdp',
  'bond_slave',
  'vrf_slave',
])

/** `veth`, `bridge …`, `vxlan id 1 …`: the line of `-d` that tells the kind. */
function readKind(link: LinkDraft, words: Words): void {
  const kind = words.take()
  if (kind === undefined || NO_KIND.has(kind) || /^\d/.test(kind) || kind.includes(':')) return
  const known = kindOfInfo(kind)
  if (known === undefined) {
    if (/^[a-z][a-z0-9_-]*$/.test(kind) && link.kind === undefined && !kind.endsWith('_slave')) {
      link.kind = 'other'
      link.typeName = kind
    }
    return
  }
  link.kind = known
  if (known !== kind) link.typeName = kind
  const values = new Map<string, string>()
  for (let word = words.take(); word !== undefined; word = words.take())
    if (!values.has(word)) values.set(word, words.peek() ?? '')
  readKindData(link, known, key => values.get(key))
}

/** `state forwarding … hairpin off … isolated off`, of `ip -d link` and `bridge -d link` alike. */
export function readPort(words: Words): BridgePort {
  const on = new Map<string, string>()
  for (let word = words.take(); word !== undefined; word = words.take()) on.set(word, words.peek() ?? '')
  return {
    hairpin: on.get('hairpin') === 'on',
    isolated: on.get('isolated') === 'on',
    learning: on.get('learning') !== 'off',
    flood: on.get('flood') !== 'off',
    mcastFlood: on.get('mcast_flood') !== 'off',
    bcastFlood: on.get('bcast_flood') !== 'off',
    state: portState(on.get('state')),
  }
}

const V6_FLAGS = new Set(['deprecated', 'temporary', 'tentative', 'dadfailed', 'optimistic'])

/** What `ip addr` says of an IPv6 address besides its scope. An optimistic address is in use before it is found unique. */
export const addressFlags = (
  family: Family,
  has: (flag: string) => boolean,
): Pick<InterfaceAddress, 'deprecated' | 'temporary' | 'tentative'> =>
  family === 'ipv4'
    ? {}
    : {
        ...(has('deprecated') ? { deprecated: true } : {}),
        ...(has('temporary') ? { temporary: true } : {}),
        ...(has('dadfailed') || (has('tentative') && !has('optimistic')) ? { tentative: true } : {}),
      }

/** `inet 10.0.0.1/24 brd 10.0.0.255 scope global secondary eth0` */
function readAddress(words: Words, problems: Problem[]): InterfaceAddress | undefined {
  const family = words.take() === 'inet' ? ('ipv4' as const) : ('ipv6' as const)
  const [text = '', length] = (words.take() ?? '').split('/')
  const address = parseIp(text)
  if (!address || address.includes(':') !== (family === 'ipv6')) {
    problems.push(words.problem(`not an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`))
    return undefined
  }
  const width = widthOf(family)
  let prefixLength = length === undefined ? width : (decimal(length) ?? -1)
  if (prefixLength < 0 || prefixLength > width) {
    problems.push(words.problem(`prefix length above ${width} or not a number`))
    return undefined
  }
  let scope: InterfaceAddress['scope'] = 'global'
  let secondary = false
  const flags = new Set<string>()
  let peer: InterfaceAddress['peer']
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word === 'scope') scope = scopeOf(words.take())
    else if (word === 'secondary') secondary = true
    else if (V6_FLAGS.has(word)) flags.add(word)
    else if (word === 'peer') {
      const [other = '', bits] = (words.take() ?? '').split('/')
      peer = parseIp(other)
      prefixLength = decimal(bits) ?? width
      if (!peer || prefixLength > width) {
        problems.push(words.problem('not the address of a peer'))
        return undefined
      }
    }
  }
  return {
    address,
    family,
    prefixLength,
    scope,
    secondary,
    ...(peer ? { peer } : {}),
    ...addressFlags(family, flag => flags.has(flag)),
  }
}
