import { type ArgsOf, defineMatch } from '../extension.js'
import { BadValue, option, type OptionSpec } from '../options.js'
import { notTold } from '../parts.js'
import { flag, text } from '../values.js'

const UNITS: readonly (readonly [name: string, bits: number])[] = [
  ['bit', 1],
  ['kbit', 1e3],
  ['mbit', 1e6],
  ['gbit', 1e9],
  ['tbit', 1e12],
  ['kibit', 1024],
  ['mibit', 1024 ** 2],
  ['gibit', 1024 ** 3],
  ['bps', 8],
  ['kbps', 8e3],
  ['mbps', 8e6],
  ['gbps', 8e9],
  ['tbps', 8e12],
  ['kibps', 8 * 1024],
  ['mibps', 8 * 1024 ** 2],
  ['gibps', 8 * 1024 ** 3],
]

/** A rate as tc(8) writes it (`1mbit`, or bare bits a second); kept in bytes a second. */
const bps = (flagName: string): OptionSpec<number | undefined> =>
  option({
    flags: [flagName],
    words: [0, 1],
    read([word], _context, as) {
      if (word === undefined) return undefined
      const [, digits, unit] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(word) ?? []
      const factor = unit === '' ? 1 : UNITS.find(([name]) => name === unit?.toLowerCase())?.[1]
      if (digits === undefined || factor === undefined)
        throw new BadValue(`bad rate "${word}" for option "${as}"`)
      return Math.floor((Number(digits) * factor) / 8)
    },
    print(n) {
      if (n === undefined) return []
      const bits = n * 8
      if (bits >= 1e9 && bits % 1e6 === 0) return [`${bits / 1e6}Mbit`]
      if (bits >= 1e6) return [`${Math.round(bits / 1e3)}Kbit`]
      return [`${bits}bit`]
    },
  })
const pps = (flagName: string): OptionSpec<number | undefined> =>
  option({
    flags: [flagName],
    words: [0, 1],
    read([word], _context, as) {
      if (word === undefined) return undefined
      if (!/^\d{1,10}$/.test(word)) throw new BadValue(`bad rate "${word}" for option "${as}"`)
      return Number(word)
    },
    print: n => (n === undefined ? [] : [String(n)]),
  })

const options = {
  name1: text(['--rateest', '--rateest1'], { bare: true, max: 15 }),
  delta: flag('--rateest-delta'),
  bps: bps('--rateest-bps'),
  bps1: bps('--rateest-bps1'),
  bps2: bps('--rateest-bps2'),
  pps: pps('--rateest-pps'),
  pps1: pps('--rateest-pps1'),
  pps2: pps('--rateest-pps2'),
  lt: flag('--rateest-lt', { negatable: true }),
  gt: flag('--rateest-gt', { negatable: true }),
  eq: flag('--rateest-eq', { negatable: true }),
  name2: text('--rateest2', { bare: true, max: 15 }),
} as const

export const rateest = defineMatch({
  name: 'rateest',
  summary: 'compares rates that -j RATEEST has estimated',
  doc: 'Estimates are not in the dumps.',
  kernel: 'net/netfilter/xt_rateest.c xt_rateest_mt()',
  options,
  check({ name1, lt, gt, eq, ...rest }: ArgsOf<typeof options>) {
    if (!name1) return 'you need to specify --rateest or --rateest1'
    if ([lt, gt, eq].filter(Boolean).length !== 1)
      return 'one of --rateest-lt, --rateest-gt and --rateest-eq is needed'
    return rest.bps || rest.bps1 || rest.bps2 || rest.pps || rest.pps1 || rest.pps2
      ? undefined
      : 'a rate is needed: --rateest-bps or --rateest-pps'
  },
  ...notTold('estimated rates are not told'),
})
