import type { Family } from '../../values/ip.js'
import { widthOf } from '../../values/ip.js'
import { type ArgsOf, defineTarget } from '../extension.js'
import { BadValue } from '../options.js'
import { uint, uint16, uint32 } from '../values.js'
import { given } from './given.js'
import { type HashedTuple, hmarkHash, scaled, tupleOfConnection, tupleOfPacket } from './hmark-hash.js'
import { padded, prefixRow } from './hmark-rows.js'

const FIELDS = ['src', 'dst', 'sport', 'dport', 'spi', 'proto', 'ct'] as const
type Field = (typeof FIELDS)[number]

const options = {
  srcPrefix: prefixRow('--hmark-src-prefix'),
  dstPrefix: prefixRow('--hmark-dst-prefix'),
  sportMask: padded(uint16('--hmark-sport-mask'), 4),
  dportMask: padded(uint16('--hmark-dport-mask'), 4),
  spiMask: padded(uint32('--hmark-spi-mask'), 8),
  sport: padded(uint16('--hmark-sport'), 4),
  dport: padded(uint16('--hmark-dport'), 4),
  spi: padded(uint32('--hmark-spi'), 8),
  protoMask: padded(uint16('--hmark-proto-mask'), 2),
  rnd: padded(uint32('--hmark-rnd'), 8),
  mod: uint('--hmark-mod', { min: 1 }),
  offset: uint32('--hmark-offset'),
  tuple: {
    flags: ['--hmark-tuple'] as const,
    words: 1,
    read([word]: readonly string[]): readonly Field[] {
      return word!.split(',').map(name => {
        const field = FIELDS.find(f => f === name)
        if (!field) throw new BadValue(`"${name}" is no part of a tuple`)
        return field
      })
    },
    // every part but ct comes back as the prefix or mask that it stands for
    print: (fields: readonly Field[]) => (fields.includes('ct') ? ['ct'] : undefined),
  },
} as const

/** The rows that parts of `--hmark-tuple` stand for, fully open. */
const whole = (family: Family) =>
  ({
    src: ['srcPrefix', widthOf(family)],
    dst: ['dstPrefix', widthOf(family)],
    sport: ['sportMask', 0xffff],
    dport: ['dportMask', 0xffff],
    spi: ['spiMask', 0xffffffff],
    proto: ['protoMask', 0xffff],
  }) as const

/** Marks the packet with a hash of its addresses and ports. */
export const hmarkTarget = defineTarget({
  name: 'HMARK',
  summary: 'mark the packet with a hash of its addresses, ports and protocol',
  doc: `Packets of one connection, in both directions, get one mark from offset up to offset + mod - 1. Computed as a
little-endian kernel does.`,
  kernel: 'net/netfilter/xt_HMARK.c hmark_tg_v4(), hmark_tg_v6()',
  options,
  check(args, rule) {
    if (!args.mod) return '--hmark-mod is required'
    if (!args.rnd) return '--hmark-rnd is required'
    const fields = args.tuple?.value ?? []
    for (const [field, [key]] of Object.entries(whole(rule.family)))
      if (fields.includes(field as Field) && args[key])
        return `option "${options[key].flags[0]}" and "${field}" of --hmark-tuple say the same twice`
    const has = (field: Field, mask: keyof typeof options): boolean =>
      fields.includes(field) || args[mask] !== undefined
    const spi = has('spi', 'spiMask')
    if (spi && (has('sport', 'sportMask') || has('dport', 'dportMask')))
      return 'a mask of the SPI and a mask of ports cannot be used together'
    if (args.spi && (args.sport || args.dport)) return 'an SPI and ports cannot be used together'
    const { rnd: _rnd, mod: _mod, offset: _offset, ...what } = args
    if (Object.values(what).every(a => a === undefined)) return '--hmark-tuple is required'
    return undefined
  },
  complete(args, { family }): ArgsOf<typeof options> {
    const filled: Record<string, { value: unknown; not: boolean } | undefined> = { ...args }
    for (const [field, [key, value]] of Object.entries(whole(family)))
      if (args.tuple?.value.includes(field as Field)) filled[key] = given(value)
    return filled as ArgsOf<typeof options>
  },
  act({ skb }, args) {
    let tuple: HashedTuple | undefined
    if (args.tuple?.value.includes('ct')) {
      if (skb.ct?.kind !== 'tracked') return { kind: 'continue' }
      tuple = tupleOfConnection(skb.ct.entry.original, skb.ct.entry.reply)
    } else tuple = tupleOfPacket(skb.packet)
    if (!tuple) return { kind: 'unknown', because: 'the mark is a hash of an SPI that is not known' }
    const hash = hmarkHash(tuple, {
      srcPrefix: args.srcPrefix?.value ?? 0,
      dstPrefix: args.dstPrefix?.value ?? 0,
      sportMask: args.sportMask?.value ?? 0,
      dportMask: args.dportMask?.value ?? 0,
      sport: args.sport?.value ?? 0,
      dport: args.dport?.value ?? 0,
      protoMask: args.protoMask?.value ?? 0,
      seed: args.rnd?.value ?? 0,
    })
    return {
      kind: 'continue',
      skb: { ...skb, mark: (scaled(hash, args.mod?.value ?? 1) + (args.offset?.value ?? 0)) >>> 0 },
    }
  },
})
