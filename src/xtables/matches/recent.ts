import { formatIp, type Ip, ipBits } from '../../values/ip.js'
import { readIp } from '../addresses.js'
import { type ArgsOf, defineMatch, type RuleEnv } from '../extension.js'
import { readUint } from '../numbers.js'
import { option } from '../options.js'
import { stateOf } from '../parts.js'
import { flag, text, uint } from '../values.js'

const NAME_LENGTH = 199
const FULL = { ipv4: '255.255.255.255', ipv6: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' } as const
const negatable = { negatable: true } as const

const options = {
  set: flag('--set', negatable),
  rcheck: flag('--rcheck', negatable),
  update: flag('--update', negatable),
  remove: flag('--remove', negatable),
  seconds: uint('--seconds', { min: 1 }),
  reap: flag('--reap'),
  hitcount: uint('--hitcount'),
  rttl: flag('--rttl'),
  name: text('--name', { bare: true }),
  mask: option<Ip>({
    flags: ['--mask'],
    words: 1,
    // digits alone are the whole address, as inet_aton(3) reads them: --mask 24 is 0.0.0.24
    read: ([word], { family }) => {
      const whole = family === 'ipv4' ? readUint(word!) : Number.NaN
      return Number.isNaN(whole) ? readIp(word!, family) : formatIp([whole])
    },
    print: m => [m],
  }),
  side: option<'src' | 'dst'>({
    flags: ['--rsource', '--rdest'],
    words: 0,
    repeatable: true,
    read: (_words, _context, as) => (as === '--rdest' ? 'dst' : 'src'),
    print: () => [],
    printFlag: side => (side === 'dst' ? '--rdest' : '--rsource'),
  }),
} as const
type Args = ArgsOf<typeof options>

interface Entry {
  readonly ttl: number
  stamps: number[]
}

export const recent = defineMatch({
  name: 'recent',
  summary: 'a list of addresses seen lately, by name',
  doc: '--set remembers the address, --rcheck asks for it, --update asks and remembers again, --remove forgets it. Lists are empty when a trace begins: no dump holds them.',
  kernel: 'net/netfilter/xt_recent.c recent_mt()',
  options,
  check(args) {
    const modes = [args.set, args.rcheck, args.update, args.remove].filter(Boolean).length
    if (modes === 0) return "you must specify one of `--set', `--rcheck' `--update' or `--remove'"
    if (modes > 1) return 'only one of --set, --rcheck, --update and --remove may be given'
    if (args.reap && !args.seconds) return 'option "--reap" also requires "--seconds".'
    // recent_mt_check()
    if ((args.set || args.remove) && (args.seconds || args.hitcount || args.rttl || args.reap))
      return '--seconds, --hitcount, --reap and --rttl go with --rcheck and --update only'
    if ((args.hitcount?.value ?? 0) > 65535) return 'the hitcount must be 65535 at most'
    const name = args.name?.value
    return name !== undefined && (name === '' || name === '.' || name === '..' || name.includes('/'))
      ? `bad list name "${name}"`
      : undefined
  },
  complete: (args, { family }) => ({
    ...args,
    name: { value: (args.name?.value ?? 'DEFAULT').slice(0, NAME_LENGTH), not: false },
    mask: args.mask ?? { value: FULL[family] as Ip, not: false },
    side: args.side ?? { value: 'src' as const, not: false },
  }),
  match(env, args) {
    const said = stateOf(env, args, () => ({ text: '' }))
    const { holds, text: sentence } = ask(env, args)
    said.text = sentence
    const mode = args.set ?? args.rcheck ?? args.update ?? args.remove
    return holds !== (mode?.not ?? false)
  },
  because: (env, args) => stateOf(env, args, () => ({ text: 'it was not asked yet' })).text,
})

/** recent_mt_check(): a list has the mask of the rule that it came with, the first that names it. */
function maskOf(env: RuleEnv, name: string): Ip {
  const key = `recent mask:${env.family}:${name}`
  return env.memory.get(key, () => {
    const uses = env.netns.rulesets
      .filter(r => r.family === env.family)
      .flatMap(r => r.tables.flatMap(t => t.chains.flatMap(c => c.rules.flatMap(rule => [...rule.matches]))))
    const first = uses
      .map(use => (use.known && use.name === 'recent' ? (use.args as Args) : undefined))
      .find(args => args?.name?.value === name)
    return { mask: first?.mask?.value ?? (FULL[env.family] as Ip) }
  }).mask
}

function ask(env: RuleEnv, args: Args): { holds: boolean; text: string } {
  const { packet } = env.skb
  const name = args.name?.value ?? 'DEFAULT'
  const list = env.memory.get(`recent:${env.family}:${name}`, () => new Map<string, Entry>())
  const seen = args.side?.value === 'dst' ? packet.dst : packet.src
  const mask = ipBits(maskOf(env, name))
  const key = ipBits(seen)
    .map((w, i) => (w & mask[i]!) >>> 0)
    .join(':')
  const entry = list.get(key)
  const now = env.now
  if (!entry || (args.rttl && entry.ttl !== packet.ttl)) {
    if (args.set) list.set(key, { ttl: packet.ttl, stamps: [now] })
    return {
      holds: args.set !== undefined,
      text: `${seen} is ${args.set ? 'put on' : 'not on'} list ${name}`,
    }
  }
  if (args.set) {
    entry.stamps.push(now)
    return { holds: true, text: `${seen} is on list ${name} already` }
  }
  if (args.remove) {
    list.delete(key)
    return { holds: true, text: `${seen} was on list ${name}` }
  }
  const since = args.seconds ? now - args.seconds.value : Number.NEGATIVE_INFINITY
  const hits = entry.stamps.filter(stamp => stamp >= since).length
  const wanted = Math.max(1, args.hitcount?.value ?? 0)
  const holds = hits >= wanted
  if (args.reap) entry.stamps = entry.stamps.filter(stamp => stamp >= since)
  if (args.update && holds !== args.update.not) entry.stamps.push(now)
  return { holds, text: `${seen} was seen ${hits} times on list ${name}, asked for ${wanted}` }
}
