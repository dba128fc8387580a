import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseIptablesSave } from '../../src/parse/iptables-save.js'
import { printRule } from '../../src/xtables/print-rule.js'
import { type GeneratedRule, ruleArbitrary } from '../properties/rule-corpus.js'
import { run, scratch, whyNot } from './scratch.js'

/**
 * Rules drawn by chance, asked of the iptables at hand: what it takes, we take, and print as it saves it. What it
 * refuses may only be for want of a kernel module, so our yes to its no is not judged. As many rules as NFSIM_FUZZ_RULES
 * says, from NFSIM_SEED on.
 */
const { name: NETNS, inside } = scratch('fuzz')
const RULES = Number(process.env.NFSIM_FUZZ_RULES ?? 250)
const why = whyNot('iptables-legacy')

const dumpOf = ({ table, chain, text }: GeneratedRule) => {
  const builtin = /^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING|USER)$/.test(chain)
  return `*${table}\n:USER - [0:0]\n${builtin ? '' : `:${chain} - [0:0]\n`}-A ${chain} ${text}\nCOMMIT\n`
}
/** Where the tool itself slips, or reads what nobody writes: seen, and left as it is. */
const KNOWN = [
  // libxt_connbytes prints no ! for a range without an end
  /connbytes ! --connbytes/,
  // libxt_HMARK takes a prefix length modulo 256
  /--hmark-(src|dst)-prefix/,
  // a port is read modulo 2^32 before it is judged
  /4294967296/,
  // `-foo` as a value that nothing asked for is read as -f -o oo, in an order of getopt's own
  /-foo/,
  // an option that stands where a value should: which of the two it is differs between libraries
  /--\S+ (! )?--\S+ (! )?--|--\S+ ! --/,
]

const rulesOf = (save: string) => save.split('\n').filter(line => line.startsWith('-A'))

/** The rules as the tool saves them; undefined: refused. */
function asked(backend: 'legacy' | 'nft', rule: GeneratedRule): readonly string[] | undefined {
  const tool = `ip${rule.six ? '6' : ''}tables-${backend}`
  if (inside([`${tool}-restore`], dumpOf(rule)).status !== 0) return undefined
  return rulesOf(inside([`${tool}-save`, '-t', rule.table]).stdout)
}

function ours(rule: GeneratedRule): readonly string[] | string {
  const family = rule.six ? 'ipv6' : 'ipv4'
  const { ruleset, problems } = parseIptablesSave(dumpOf(rule), { file: 'x', family, backend: 'legacy' })
  const error = problems.find(p => p.severity === 'error')
  if (error) return error.message
  return ruleset.tables.flatMap(t =>
    t.chains.flatMap(c => c.rules.map(r => printRule(r, c.name, { family }))),
  )
}

describe.skipIf(why)(`rules by chance${why ? `: ${why}` : ''}`, () => {
  beforeAll(() => {
    expect(run('ip', ['netns', 'add', NETNS]).status).toBe(0)
  })
  afterAll(() => {
    run('ip', ['netns', 'del', NETNS])
  })

  test.each(['legacy', 'nft'] as const)('iptables-%s', { timeout: RULES * 500 + 20_000 }, backend => {
    const seed = Number(process.env.NFSIM_SEED ?? 0)
    const differ: unknown[] = []
    let taken = 0
    for (const rule of fc.sample(ruleArbitrary, { seed, numRuns: RULES })) {
      if (KNOWN.some(known => known.test(rule.text))) continue
      const theirs = asked(backend, rule)
      if (theirs === undefined) continue
      taken++
      const mine = ours(rule)
      // nft names some things otherwise (--set-xmark 0x1/0xffffffff); the legacy wording is ours
      if (typeof mine === 'string' || (backend === 'legacy' && mine.join('\n') !== theirs.join('\n')))
        differ.push({ ...rule, mine, theirs })
      else if (mine.length !== theirs.length) differ.push({ ...rule, mine, theirs })
    }
    expect(differ.slice(0, 5)).toEqual([])
    expect(taken).toBeGreaterThan(RULES / 10)
  })
})
