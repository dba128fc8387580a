import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseIptablesSave } from '../../../src/parse/iptables-save.js'
import { findMatch } from '../../../src/xtables/registry.js'
import { matches } from '../../../src/xtables/matches/index.js'
import { printRule } from '../../../src/xtables/print-rule.js'
import { world } from './world.js'

/**
 * The `.t` files of this folder and `../rule.t`. `*mangle` names the table, `:FORWARD` the chain, `-6` before a rule
 * asks ip6tables. Lines: `rule; printed again (= as it stands); OK`, `rule; part of the complaint; FAIL`, and
 * `? packet; rule; YES|NO|UNKNOWN the reason`, whose packet is described in world.ts. ONCE in place of OK: the
 * tool itself prints something that it doesn't read again.
 */
function load(table: string, chain: string, rule: string) {
  const six = rule.startsWith('-6 ')
  const family = six ? 'ipv6' : 'ipv4'
  const declared = /^[A-Z]+$/.test(chain) && chain !== 'USER' ? '' : `:${chain} -\n`
  const { ruleset, problems } = parseIptablesSave(
    `*${table}\n${declared}-A ${chain} ${six ? rule.slice(3) : rule}\nCOMMIT\n`,
    { file: 'line.t', family, backend: 'legacy' },
  )
  const rules = ruleset.tables.flatMap(t => t.chains.flatMap(c => c.rules))
  return {
    rules,
    family,
    printed: rules.map(r => printRule(r, chain, { family }).replace(`-A ${chain}`, '').trim()).join(' // '),
    errors: problems
      .filter(p => p.severity === 'error')
      .map(p => p.message)
      .join('\n'),
  } as const
}

const files = readdirSync(import.meta.dirname).filter(f => f.endsWith('.t'))

test('each match has a .t file, and words for people', () => {
  expect([...new Set(matches.map(m => `${m.name}.t`))].sort()).toEqual([...files].sort())
  for (const m of matches) {
    expect(m.summary, m.name).toBeTruthy()
    expect(m.doc, m.name).toBeTruthy()
    expect(m.kernel, m.name).toMatch(/^net\//)
  }
})

describe.each([...files, '../rule.t'])('%s', file => {
  let table = 'filter'
  let chain = 'FORWARD'
  for (const line of readFileSync(`${import.meta.dirname}/${file}`, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('*')) table = line.slice(1)
    else if (line.startsWith(':')) chain = line.slice(1)
    else {
      const here = [table, chain] as const
      test(line, () => (line.startsWith('? ') ? asks(here, line.slice(2)) : reads(here, line)))
    }
  }
})

function reads(here: readonly [string, string], line: string): void {
  const [rule = '', what = '', verdict = ''] = line.split('; ')
  const { printed, errors } = load(...here, rule)
  if (verdict === 'FAIL') {
    expect(printed).toBe('')
    expect(errors).toContain(what)
    return
  }
  expect(['OK', 'ONCE']).toContain(verdict)
  expect(errors).toBe('')
  expect(printed).toBe(what === '=' ? rule.replace(/^-6 /, '') : what)
  if (verdict === 'ONCE' || printed.includes(' // ')) return
  const again = load(...here, rule.startsWith('-6 ') ? `-6 ${printed}` : printed)
  expect([again.printed, again.errors]).toEqual([printed, ''])
}

function asks([table, chain]: readonly [string, string], line: string): void {
  const [seen = '', rule = '', answer = ''] = line.split('; ')
  const { rules, family, errors } = load(table, chain, rule)
  expect(errors).toBe('')
  const [only] = rules
  const use = only!.matches.at(-1)!
  if (!use.known) throw new Error(`${use.name} is not known`)
  const env = world(seen, { table, chain, family, rule: only! })
  const extension = findMatch(use.name, family)!
  const truth = extension.match(env, use.args as never)
  const word = truth === 'unknown' ? 'UNKNOWN' : truth ? 'YES' : 'NO'
  expect(`${word} ${extension.because(env, use.args as never)}`).toBe(answer)
}
