import type { SctpChunk } from '../../model/packet.js'
import { PROTO } from '../../values/proto.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { BadValue, option } from '../options.js'
import { allOf, hasTransport, isnt, part } from '../parts.js'
import { portOptions, portParts } from './ports.js'

/** Chunk types by number, with the letters of their flags from the highest bit down (of I_DATA the tool reads but
 * does not print them). */
const CHUNKS: readonly (readonly [name: string, type: number, flags?: string, printed?: 'hidden'])[] = [
  ['DATA', 0, 'IUBE'],
  ['INIT', 1],
  ['INIT_ACK', 2],
  ['SACK', 3],
  ['HEARTBEAT', 4],
  ['HEARTBEAT_ACK', 5],
  ['ABORT', 6, 'T'],
  ['SHUTDOWN', 7],
  ['SHUTDOWN_ACK', 8],
  ['ERROR', 9],
  ['COOKIE_ECHO', 10],
  ['COOKIE_ACK', 11],
  ['ECN_ECNE', 12],
  ['ECN_CWR', 13],
  ['SHUTDOWN_COMPLETE', 14, 'T'],
  ['I_DATA', 64, 'IUBE', 'hidden'],
  ['ASCONF_ACK', 128],
  ['RE_CONFIG', 130],
  ['PAD', 132],
  ['FORWARD_TSN', 192],
  ['ASCONF', 193],
  ['I_FORWARD_TSN', 194],
]

interface ChunkTest {
  readonly how: 'all' | 'any' | 'only'
  /** In order of type, with flags as `DATA:iE`; ALL or NONE alone. */
  readonly chunks: readonly string[]
}

const options = {
  ...portOptions('sctp', { showFull: true }),
  chunks: option<ChunkTest>({
    flags: ['--chunk-types'],
    words: 2,
    negatable: true,
    read([how, list]) {
      const lower = how!.toLowerCase()
      if (lower !== 'all' && lower !== 'any' && lower !== 'only')
        throw new BadValue('Match type has to be one of "ALL", "ANY" or "ONLY"')
      return { how: lower, chunks: readChunks(list!) }
    },
    print: t => [t.how, t.chunks.join(',')],
  }),
} as const

function readChunks(list: string): readonly string[] {
  const upper = list.toUpperCase()
  if (upper === 'ALL' || upper === 'NONE') return [upper]
  const given = new Map<string, string>()
  for (const item of list.split(',')) {
    const [name, letters] = item.split(':')
    const chunk = CHUNKS.find(([n]) => n === name!.toUpperCase())
    if (!chunk) throw new BadValue(`Unknown sctp chunk type "${name}"`)
    const [canonical, type, flags, printed] = chunk
    if (letters === undefined) {
      if (!given.has(canonical)) given.set(canonical, canonical)
      continue
    }
    for (const letter of letters)
      if (!flags?.includes(letter.toUpperCase())) throw new BadValue(`Invalid flags for chunk type ${type}`)
    const ordered = [...flags!].flatMap(f => [...letters].filter(l => l.toUpperCase() === f).slice(-1))
    given.set(
      canonical,
      ordered.length > 0 && printed !== 'hidden' ? `${canonical}:${ordered.join('')}` : canonical,
    )
  }
  return CHUNKS.flatMap(([name]) => given.get(name) ?? [])
}

const nameOf = (type: number): string => CHUNKS.find(([, t]) => t === type)?.[0] ?? String(type)

/** `DATA:iE`: of the flags I and E, E is set and I is not. */
function fits(chunk: SctpChunk, test: string): boolean {
  const [name, letters = ''] = test.split(':')
  const [, type, flags = ''] = CHUNKS.find(([n]) => n === name)!
  if (type !== chunk.type) return false
  return [...letters].every(letter => {
    const bit = 1 << (flags.length - 1 - flags.indexOf(letter.toUpperCase()))
    return (((chunk.flags ?? 0) & bit) !== 0) === (letter === letter.toUpperCase())
  })
}

/** match_packet(): `any` chunk of the list, `all` of the list, or `only` such as are in it. */
function chunksFit({ how, chunks }: ChunkTest, seen: readonly SctpChunk[]): boolean {
  const every = chunks[0] === 'ALL'
  const tests = chunks[0] === 'NONE' ? [] : chunks
  const isOneOf = (chunk: SctpChunk) => every || tests.some(test => fits(chunk, test))
  if (how === 'any') return seen.some(isOneOf)
  if (how === 'only') return seen.every(isOneOf)
  // no packet has all types that there could be
  return !every && tests.every(test => seen.some(chunk => fits(chunk, test)))
}

export const sctp = defineMatch({
  name: 'sctp',
  summary: 'ports and chunk types of an SCTP packet',
  doc: 'ANY, ALL or ONLY chunks of a list, with their flags: a capital letter is a flag that is set.',
  kernel: 'net/netfilter/xt_sctp.c sctp_mt()',
  protos: [PROTO.sctp],
  options,
  ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, args) => {
    const parts = portParts(packet, args)
    if (!args.chunks || !hasTransport(packet)) return parts
    const { value, not } = args.chunks
    const { sctpChunks } = packet
    const raw = sctpChunks === undefined ? 'unknown' : chunksFit(value, sctpChunks)
    const wanted = `${value.how} of ${value.chunks.join(',')}`
    const says =
      sctpChunks === undefined
        ? 'the chunks of the packet are not told'
        : `its chunks ${sctpChunks.map(c => nameOf(c.type)).join(',')} are ${isnt(raw)}${wanted}`
    return [...parts, part(raw, not, () => says)]
  }),
})
