import { PROTO } from '../../values/proto.js'
import { network, type Network } from '../addresses.js'
import type { GivenOption } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { flag, keyword, uint32 } from '../values.js'

/** XT_POLICY_MAX_ELEM */
const MOST = 4
const PROTOS = new Map([
  ['ah', PROTO.ah as number],
  ['esp', PROTO.esp],
  ['ipcomp', 108],
])

const again = { negatable: true, repeatable: true } as const
export const options = {
  dir: keyword('--dir', ['in', 'out']),
  pol: keyword('--pol', ['none', 'ipsec']),
  strict: flag('--strict'),
  reqid: uint32('--reqid', again),
  spi: uint32('--spi', again),
  proto: option<string>({
    flags: ['--proto'],
    words: 1,
    ...again,
    read([word]) {
      const lower = word!.toLowerCase()
      const number = readUint(word!, 255)
      const name = PROTOS.has(lower) ? lower : [...PROTOS].find(([, n]) => n === number)?.[0]
      if (name === undefined) throw new BadValue('protocol must be ah/esp/ipcomp')
      return name
    },
    print: p => [p],
  }),
  mode: keyword('--mode', ['transport', 'tunnel'], again),
  tunnelDst: network('--tunnel-dst', { ...again, keepHost: true }),
  tunnelSrc: network('--tunnel-src', { ...again, keepHost: true }),
  /** --next begins another element; the argument holds all elements, made of the options above. */
  next: option<readonly Element[]>({
    flags: ['--next'],
    words: 0,
    repeatable: true,
    read: () => [],
    print: () => undefined,
  }),
} as const

export interface Given<T> {
  readonly value: T
  readonly not: boolean
}
export interface Element {
  reqid?: Given<number>
  spi?: Given<number>
  proto?: Given<string>
  mode?: Given<string>
  tunnelDst?: Given<Network>
  tunnelSrc?: Given<Network>
}
export const FIELDS = ['reqid', 'spi', 'proto', 'mode', 'tunnelDst', 'tunnelSrc'] as const

/** Puts an option where it belongs: in the element at hand, or beside the elements. @throws BadValue */
export function addOption(
  { key, value, not }: GivenOption,
  elements: Element[],
  out: Record<string, Given<unknown>>,
): void {
  if (key === 'next') {
    if (elements.length === MOST) throw new BadValue('maximum policy depth reached')
    elements.push({})
    return
  }
  const element = elements.at(-1)!
  const field = FIELDS.find(f => f === key)
  if (!field) {
    if (out[key]) throw new BadValue(`option "--${key}" can only be used once.`)
    out[key] = { value, not }
    return
  }
  if (element[field]) throw new BadValue(`option "--${key}" can only be used once in an element`)
  Object.assign(element, { [field]: { value, not } })
}
