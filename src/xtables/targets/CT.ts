import { templateEntry } from '../../conntrack/entry.js'
import { defineTarget } from '../extension.js'
import { readUint } from '../numbers.js'
import { stateOf } from '../parts.js'
import { BadValue, option, type OptionSpec } from '../options.js'
import { flag, text } from '../values.js'

/** In bit order, which is the order of printing. */
const CT_EVENTS = [
  'new',
  'related',
  'destroy',
  'reply',
  'assured',
  'protoinfo',
  'helper',
  'mark',
  'natseqinfo',
  'secmark',
] as const

/** A zone by number, or by the packet's mark; for one direction or both. */
interface Zone {
  readonly id: number
  readonly fromMark: boolean
  readonly original: boolean
  readonly reply: boolean
  readonly flags: readonly string[]
}

const events = (flagName: string, known: readonly string[]): OptionSpec<readonly string[]> => ({
  flags: [flagName],
  words: 1,
  read([word]) {
    const asked = word!.split(',')
    const bad = asked.find(e => !known.includes(e))
    if (bad !== undefined) throw new BadValue(`unknown event type "${bad}"`)
    return known.filter(e => asked.includes(e))
  },
  print: list => [list.join(',')],
})

const zone: OptionSpec<Zone> = option({
  flags: ['--zone', '--zone-orig', '--zone-reply'],
  words: 1,
  repeatable: true,
  read([word], _context, as) {
    const id = word === 'mark' ? 0 : readUint(word!, 0xffff)
    if (Number.isNaN(id)) throw new BadValue(`"${word}" is no zone: a number up to 65535, or mark`)
    return {
      id,
      fromMark: word === 'mark',
      original: as === '--zone-orig',
      reply: as === '--zone-reply',
      flags: [as],
    }
  },
  // the three options write one field: the last number counts, the directions add up
  merge(before, next) {
    const again = next.flags.find(f => before.flags.includes(f))
    if (again !== undefined) throw new BadValue(`option "${again}" can only be used once`)
    return {
      id: next.fromMark ? before.id : next.id,
      fromMark: before.fromMark || next.fromMark,
      original: before.original || next.original,
      reply: before.reply || next.reply,
      flags: [...before.flags, ...next.flags],
    }
  },
  print: z => (z.fromMark ? ['mark'] : z.id === 0 ? undefined : [String(z.id)]),
  printFlag: z => (z.original === z.reply ? '--zone' : z.original ? '--zone-orig' : '--zone-reply'),
})

/** Prepares the packet for conntrack: a zone, a helper, or not at all. */
export const ctTarget = defineTarget({
  name: 'CT',
  summary: 'before conntrack: no tracking, a zone, a helper, a time-out policy',
  doc: `Works in the raw table only, where conntrack has not looked yet. A zone keeps connections with equal addresses
apart; --notrack makes the packet UNTRACKED. A packet that conntrack has seen already is left alone.`,
  kernel: 'net/netfilter/xt_CT.c xt_ct_target_v1()',
  tables: ['raw'],
  options: {
    notrack: flag('--notrack'),
    helper: {
      ...text('--helper', { max: 15, bare: true }),
      print: (h: string) => (h === '' ? undefined : [h]),
    },
    timeout: text('--timeout', { max: 31, bare: true }),
    events: events('--ctevents', CT_EVENTS),
    expectEvents: events('--expevents', ['new']),
    zone,
  },
  check(args, rule) {
    if (!args.notrack && (args.helper?.value || args.timeout) && (rule.proto === undefined || rule.protoNot))
      return `${args.helper ? '--helper' : '--timeout'} needs -p with a protocol, not negated`
    return undefined
  },
  act(env, args) {
    if (env.skb.ct !== undefined) return { kind: 'continue' }
    if (args.notrack) return { kind: 'continue', skb: { ...env.skb, ct: { kind: 'untracked' } } }
    const asked = args.zone?.value
    const only = asked && asked.original !== asked.reply ? (asked.original ? 'original' : 'reply') : undefined
    const helper = args.helper?.value
    return {
      kind: 'continue',
      skb: {
        ...env.skb,
        ct: {
          kind: 'template',
          entry: stateOf(env, args, () => templateEntry(env.family)),
          zone: asked && !asked.fromMark ? asked.id : 0,
          ...(asked?.fromMark && { zoneFromMark: true }),
          ...(only && { zoneOnly: only }),
          ...(helper && { helper }),
        },
      },
    }
  },
})
