import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rule } from '../../src/model/ruleset.js'
import { parseIptablesSave } from '../../src/parse/iptables-save.js'
import { printRuleset } from '../../src/print/iptables-save.js'
import { allExtensions } from '../../src/xtables/registry.js'
import { type GeneratedRule, matchSamples, ruleArbitrary, targetSamples } from './rule-corpus.js'

const load = ({ table, chain, six, text }: GeneratedRule) => {
  const family = six ? 'ipv6' : 'ipv4'
  const own = /^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING|USER)$/.test(chain) ? '' : `:${chain} - [0:0]\n`
  const dump = `*${table}\n:USER - [0:0]\n${own}-A ${chain} ${text}\nCOMMIT\n`
  return read(dump, family)
}
function read(dump: string, family: 'ipv4' | 'ipv6') {
  const { ruleset, problems } = parseIptablesSave(dump, { file: 'x', family, backend: 'legacy' })
  const rules = ruleset.tables.flatMap(t => t.chains.flatMap(c => c.rules))
  return { ruleset, rules, errors: problems.filter(p => p.severity === 'error'), family } as const
}
/** A rule's meaning, without where and how it was written. */
const meaning = ({ header, matches, jump }: Rule) => ({ header, matches, jump })

/** The extensions that it uses, in their order. */
const shape = ({ matches, jump }: Rule) => [
  ...matches.map(m => m.name),
  jump.kind === 'target' ? jump.target.name : jump.kind,
]

describe('rules over all extensions', () => {
  test('every extension has samples to draw from', () => {
    const names = new Set([...matchSamples, ...targetSamples].flatMap(s => s.groups.map(g => g[1])))
    const lacking = allExtensions().filter(e => !names.has(e.name))
    // spelled by -p alone or by another name; the last two print what the tool does not read again
    const spoken = ['udp', 'icmp6', 'mh', 'nfacct', 'SECMARK']
    expect(lacking.map(e => e.name).filter(name => !spoken.includes(name))).toEqual([])
  })

  test('what is printed is read as the same, and printed as the same', () => {
    let accepted = 0
    fc.assert(
      fc.property(ruleArbitrary, rule => {
        const first = load(rule)
        if (first.errors.length > 0 || first.rules.length === 0) {
          expect(first.rules).toEqual([])
          return
        }
        accepted++
        const printed = printRuleset(first.ruleset)
        // a day list that leaves nothing is printed empty, by the tool as well, which can't read it again either
        if (/--(week|month)days( {2}|$)/m.test(printed)) return
        const again = read(printed, first.family)
        expect(again.errors).toEqual([])
        expect(printRuleset(again.ruleset)).toBe(printed)
        // an option that asks nothing (--tcp-flags NONE NONE) is not printed: from here on all is as it stays
        expect(read(printed, first.family).rules.map(meaning)).toEqual(again.rules.map(meaning))
        expect(again.rules.map(shape)).toEqual(first.rules.map(shape))
      }),
      { numRuns: 5000 },
    )
    // the rest is refused, and has to be
    expect(accepted).toBeGreaterThan(1500)
  })
})
