import type { Netns, Snapshot } from '../model/snapshot.js'
import { nearest } from '../parse/problems.js'
import { type Family, type Ip, parseIp } from '../values/ip.js'
import { addressAndPort } from './settings-endpoint.js'
import { findNetns } from './wires.js'

/** What a name in a question stands for. `netns` is the one that holds the address, where a namespace does. */
export interface ResolvedEndpoint {
  readonly netns?: string
  readonly address?: Ip
  readonly port?: number
}
/** A name that nothing in the snapshot has, and what was perhaps meant. */
export interface UnknownEndpoint {
  readonly error: string
  readonly suggestions: readonly string[]
}

export const isUnknown = (found: ResolvedEndpoint | UnknownEndpoint): found is UnknownEndpoint =>
  'error' in found

export const namespacesOf = (snapshot: Snapshot): readonly Netns[] =>
  snapshot.nodes.flatMap(n => n.namespaces)

/**
 * Finds out what a question means by `pod`, `svc:8080`, `10.96.0.10`, `[fd00::1]:80`, `node`, `n1`, `client`, `n1/client`.
 * Names of snapshot.yaml come first, then addresses, then nodes and namespaces; `node` is the first node unless
 * something is called so.
 */
export function resolveEndpoint(snapshot: Snapshot, text: string): ResolvedEndpoint | UnknownEndpoint {
  const asked = text.trim()
  const whole = lookUp(snapshot, asked)
  if (whole) return whole
  const withPort = /^(.+):(\d{1,5})$/.exec(asked)
  if (withPort && Number(withPort[2]) <= 65535) {
    const named = lookUp(snapshot, withPort[1]!)
    if (named) return { ...named, port: Number(withPort[2]) }
  }
  const names = namesOf(snapshot)
  return {
    error: unknownText(asked, withPort !== null),
    suggestions: asked === '' ? [] : nearest(withPort ? withPort[1]! : asked, names),
  }
}

function unknownText(asked: string, withPort: boolean): string {
  const shown = asked.length > 60 ? `${asked.slice(0, 60)}…` : asked
  if (asked === '') return 'an empty name: expected an address or a name of the snapshot'
  if (
    /^[\d.]+(:\d*)?$/.test(asked) ||
    (asked.includes(':') && !withPort && /^[[\]0-9a-fA-F:.]+$/.test(asked))
  )
    return `${shown} is not an address`
  return `nothing in the snapshot is called ${shown}`
}

function lookUp(snapshot: Snapshot, name: string): ResolvedEndpoint | undefined {
  if (Object.hasOwn(snapshot.endpoints, name)) {
    const { netns, address, port } = snapshot.endpoints[name]!
    const owner = netns ?? (address && ownerOf(snapshot, address)?.name)
    return {
      ...(owner === undefined ? {} : { netns: owner }),
      ...(address ? { address } : {}),
      ...(port === undefined ? {} : { port }),
    }
  }
  const place = addressAndPort(name)
  if (place) {
    const owner = ownerOf(snapshot, place.address)
    return owner ? { netns: owner.name, ...place } : place
  }
  const netns = findNetns(namespacesOf(snapshot), name)
  if (netns) return { netns: netns.name }
  const first = snapshot.nodes[0]?.namespaces[0]
  return name === 'node' && first ? { netns: first.name } : undefined
}

/** Every name that a question may use. */
export function namesOf(snapshot: Snapshot): string[] {
  const all = namespacesOf(snapshot)
  const names = [...Object.keys(snapshot.endpoints), 'node', ...all.map(n => n.name)]
  return [...new Set([...names, ...all.filter(n => !n.isHost).map(n => `${n.node}/${n.folder}`)])]
}

/**
 * The namespace whose program would use this address as its own: addresses of loopback networks belong to everyone, and
 * those on dummy devices (kube-ipvs0) stand for services, so neither counts while a real device has the address.
 */
export function ownerOf(snapshot: Snapshot, address: Ip): Netns | undefined {
  if (address.startsWith('127.') || parseIp(address) === '::1') return undefined
  return namespacesOf(snapshot).find(netns =>
    netns.ifaces.some(i => i.kind !== 'dummy' && i.addresses.some(a => a.address === address)),
  )
}

/** The address by which others reach a namespace: the first global one of a device that is up, cards and veths before bridges. */
export function primaryAddress(netns: Netns, family?: Family): Ip | undefined {
  const rank = (kind: string): number =>
    kind === 'physical' || kind === 'veth' ? 0 : kind === 'loopback' ? 2 : 1
  const usable = netns.ifaces
    .filter(i => i.up && i.kind !== 'dummy')
    .flatMap(iface => iface.addresses.map(a => ({ iface, a })))
    .filter(({ a }) => a.scope === 'global' && (family === undefined || a.family === family))
    .sort((x, y) => rank(x.iface.kind) - rank(y.iface.kind))
  const v4 = usable.find(({ a }) => a.family === 'ipv4')
  return (v4 ?? usable[0])?.a.address
}
