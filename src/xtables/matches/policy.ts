import { PROTO } from '../../values/proto.js'
import { network, type Network, networkText } from '../addresses.js'
import type { GivenOption } from '../extension.js'
import { type ArgsOf, defineMatch } from '../extension.js'
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
const options = {
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

interface Given<T> {
  readonly value: T
  readonly not: boolean
}
interface Element {
  reqid?: Given<number>
  spi?: Given<number>
  proto?: Given<string>
  mode?: Given<string>
  tunnelDst?: Given<Network>
  tunnelSrc?: Given<Network>
}
const FIELDS = ['reqid', 'spi', 'proto', 'mode', 'tunnelDst', 'tunnelSrc'] as const

export const policy = defineMatch({
  name: 'policy',
  summary: 'the IPsec policy that the packet was, or will be, handled with',
  doc: 'A simulated packet meets no IPsec: --pol none fits, --pol ipsec does not. --next begins another element of a --strict policy.',
  kernel: 'net/netfilter/xt_policy.c policy_mt()',
  options,
  assemble(given) {
    const elements: Element[] = [{}]
    const out: Record<string, Given<unknown>> = {}
    for (const { key, value, not } of given) addOption({ key, value, not }, elements, out)
    return { ...out, next: { value: elements, not: false } } as ArgsOf<typeof options>
  },
  check({ dir, pol, strict, next }, { chain }) {
    if (!dir) return 'neither --dir in nor --dir out specified'
    const all = next?.value ?? []
    if (all.length > 1 && !strict) return 'option "--next" also requires "--strict".'
    if (pol?.value === 'none' && strict) return 'policy none but --strict given'
    for (const [i, e] of all.entries()) {
      if (strict && FIELDS.every(f => !e[f]))
        return `empty policy element ${i}. --strict is in effect, but at least one of reqid, spi, tunnel-src, tunnel-dst, proto or mode is required`
      if ((e.tunnelSrc || e.tunnelDst) && (e.mode?.value !== 'tunnel' || e.mode.not))
        return '--tunnel-src/--tunnel-dst is only valid in tunnel mode'
    }
    // policy_mt_check()
    if (dir.value === 'out' && (chain === 'PREROUTING' || chain === 'INPUT'))
      return 'output policy not valid in PREROUTING and INPUT'
    if (dir.value === 'in' && (chain === 'POSTROUTING' || chain === 'OUTPUT'))
      return 'input policy not valid in POSTROUTING and OUTPUT'
    return undefined
  },
  save({ dir, pol, strict, next }) {
    const none = pol?.value === 'none'
    const out = ['--dir', dir!.value, '--pol', none ? 'none' : 'ipsec']
    if (strict) out.push('--strict')
    if (none) return out
    for (const [i, e] of (next?.value ?? []).entries()) {
      if (i > 0) out.push('--next')
      const say = <T>(flagName: string, field: Given<T> | undefined, text: (value: T) => string): void => {
        if (field) out.push(...(field.not ? ['!'] : []), flagName, text(field.value))
      }
      say('--reqid', e.reqid, String)
      say('--spi', e.spi, n => `0x${n.toString(16)}`)
      say('--proto', e.proto, String)
      say('--mode', e.mode, String)
      say('--tunnel-dst', e.tunnelDst, networkText)
      say('--tunnel-src', e.tunnelSrc, networkText)
    }
    return out
  },
  match: (_env, { pol }) => pol?.value === 'none',
  because: (_env, { pol }) => `no IPsec policy handles the packet, asked for ${pol?.value ?? 'ipsec'}`,
})

function addOption(
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
