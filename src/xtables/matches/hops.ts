import { type ArgsOf, defineMatch, type MatchExtension } from '../extension.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { uint8 } from '../values.js'
import type { Family } from '../../values/ip.js'

/** -m ttl and -m hl: the same match on the two families' field. */
export function hopMatch(name: 'ttl' | 'hl', family: Family, what: string, kernel: string) {
  const options = {
    eq: uint8([`--${name}-eq`, `--${name}`], { negatable: true }),
    lt: uint8(`--${name}-lt`),
    gt: uint8(`--${name}-gt`),
  } as const
  const match = defineMatch({
    name,
    summary: `the packet's ${what}`,
    doc: 'One of -eq, -lt and -gt.',
    kernel,
    family,
    options,
    check({ eq, lt, gt }) {
      const given = [eq, lt, gt].filter(Boolean).length
      if (given === 0) return `You must specify one of \`--${name}-eq', \`--${name}-lt', \`--${name}-gt'`
      return given > 1 ? `only one of --${name}-eq, --${name}-lt and --${name}-gt may be given` : undefined
    },
    ...allOf<ArgsOf<typeof options>>(({ skb: { packet } }, { eq, lt, gt }): Part[] => {
      const { ttl } = packet
      if (eq)
        return [
          part(ttl === eq.value, eq.not, () => `${name} ${ttl} is ${isnt(ttl === eq.value)}${eq.value}`),
        ]
      if (lt)
        return [
          part(ttl < lt.value, false, () => `${name} ${ttl} is ${isnt(ttl < lt.value)}below ${lt.value}`),
        ]
      if (gt)
        return [
          part(ttl > gt.value, false, () => `${name} ${ttl} is ${isnt(ttl > gt.value)}above ${gt.value}`),
        ]
      return []
    }),
  })
  return match satisfies MatchExtension<typeof options>
}
