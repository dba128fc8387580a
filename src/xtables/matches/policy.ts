import { networkText } from '../addresses.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { addOption, type Element, FIELDS, type Given, options } from './policy-options.js'

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
