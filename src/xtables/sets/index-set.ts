import type { IpSet, SetEntry } from '../../model/ipset.js'
import { type Bits, compareBits } from '../../values/ip.js'
import { type Component, type Dimension, dimensionsOf, maskedKey, readComponent } from './element.js'

/** One position of what a packet shows: an address by its words, anything else by its text. */
export type Seen =
  | { readonly kind: 'address'; readonly bits: Bits }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'port'; readonly proto: number; readonly port: number }

/** The elements of one combination of prefix lengths, by their key. */
interface LengthGroup {
  readonly lengths: readonly (number | undefined)[]
  readonly byKey: Map<string, SetEntry>
  /** hash:net,iface: the networks, whatever their devices. */
  readonly nets?: Set<string>
}

/** A set made ready for look-ups. */
export interface SetIndex {
  readonly dimensions: readonly Dimension[]
  /** Longest prefixes first, as the kernel tries them. */
  readonly groups: readonly LengthGroup[]
  /** Elements with a range or a wildcard, as people write them; a kernel's own dump has hardly any. */
  readonly ranges: readonly { readonly entry: SetEntry; readonly components: readonly Component[] }[]
  /** Members of a list:set, in order. */
  readonly members: readonly string[]
}

const indexes = new WeakMap<IpSet, SetIndex | { readonly why: string }>()

/** The set's index, made once; or why it can't be used. */
export function indexOf(set: IpSet): SetIndex | { readonly why: string } {
  let index = indexes.get(set)
  if (!index) {
    index = build(set)
    indexes.set(set, index)
  }
  return index
}

function build(set: IpSet): SetIndex | { readonly why: string } {
  const dimensions = dimensionsOf(set.type)
  if (!dimensions) return { why: `sets of type ${set.type} are not known to nfsim` }
  if (dimensions[0] === 'set')
    return { dimensions, groups: [], ranges: [], members: set.entries.map(e => e.element.split(',')[0]!) }
  const byDevice = set.type === 'hash:net,iface'
  const groups = new Map<string, LengthGroup>()
  const ranges: { entry: SetEntry; components: readonly Component[] }[] = []
  for (const entry of set.entries) {
    const components = componentsOf(entry, dimensions, set.type)
    if (!components) return { why: `element ${entry.element} of set ${set.name} can't be read` }
    if (components.some(c => c.kind === 'range' || c.kind === 'beginning')) {
      ranges.push({ entry, components })
      continue
    }
    const lengths = components.map(c => (c.kind === 'net' ? c.length : undefined))
    const name = lengths.join(',')
    let group = groups.get(name)
    if (!group) {
      group = { lengths, byKey: new Map(), ...(byDevice && { nets: new Set<string>() }) }
      groups.set(name, group)
    }
    const key = components.map(c => ('key' in c ? c.key : '')).join('|')
    group.byKey.set(key, entry)
    group.nets?.add(key.slice(0, key.indexOf('|')))
  }
  const longestFirst = [...groups.values()].sort((a, b) => {
    for (let i = 0; i < a.lengths.length; i++) {
      const difference = (b.lengths[i] ?? 0) - (a.lengths[i] ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  })
  return { dimensions, groups: longestFirst, ranges, members: [] }
}

function componentsOf(
  { element, options }: SetEntry,
  dimensions: readonly Dimension[],
  type: string,
): readonly Component[] | undefined {
  const words = element.split(',')
  // a bitmap:ip,mac element may lack its address of the second kind: any will do
  if (words.length > dimensions.length) return undefined
  const out: Component[] = []
  for (let i = 0; i < dimensions.length; i++) {
    const word = words[i]
    const component =
      word === undefined
        ? ({ kind: 'beginning', key: '' } as const)
        : readComponent(word, dimensions[i]!, type)
    if (!component) return undefined
    const wild = dimensions[i] === 'iface' && component.kind === 'exact' && Object.hasOwn(options, 'wildcard')
    out.push(wild ? { kind: 'beginning', key: component.key } : component)
  }
  return out
}

/** The entry that a packet falls under, the one with the longest prefixes; undefined if there is none. */
export function find(index: SetIndex, seen: readonly Seen[]): SetEntry | undefined {
  for (const { lengths, byKey, nets } of index.groups) {
    let key = ''
    for (let i = 0; i < seen.length; i++) {
      const s = seen[i]!
      const length = lengths[i]
      if (i > 0) key += '|'
      if (s.kind === 'address') key += length === undefined ? '*' : maskedKey(s.bits, length)
      else key += s.kind === 'key' ? s.key : `${s.proto}:${s.port}`
    }
    const entry = byKey.get(key)
    if (entry) return entry
    // hash:net,iface: the longest prefix that is there decides, whatever its device (mtype_test_cidrs(), `multi`)
    if (nets?.has(key.slice(0, key.indexOf('|')))) break
  }
  return index.ranges.find(({ components }) => components.every((c, i) => fits(c, seen[i]!)))?.entry
}

function fits(component: Component, seen: Seen): boolean {
  switch (component.kind) {
    case 'exact':
      return (
        component.key ===
        (seen.kind === 'key' ? seen.key : seen.kind === 'port' ? `${seen.proto}:${seen.port}` : '')
      )
    case 'beginning':
      return seen.kind === 'key' && seen.key.startsWith(component.key)
    case 'net':
      return seen.kind === 'address' && maskedKey(seen.bits, component.length) === component.key
    case 'range': {
      if (seen.kind === 'address')
        return compareBits(seen.bits, component.from) >= 0 && compareBits(seen.bits, component.to) <= 0
      if (seen.kind !== 'port' || (component.proto !== undefined && component.proto !== seen.proto))
        return false
      return seen.port >= component.from[0]! && seen.port <= component.to[0]!
    }
  }
}
