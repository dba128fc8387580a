import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseIptablesSave } from '../../../src/parse/iptables-save.js'
import { printRule } from '../../../src/xtables/print-rule.js'
import { targets } from '../../../src/xtables/targets/index.js'

/**
 * The `.t` files of this folder. `*mangle` names the table, `:FORWARD` the chain, `-6` before a rule asks
 * ip6tables; then `rule; printed again (= as it stands); OK` or `rule; part of the complaint; FAIL`. ONCE in place
 * of OK: the tool itself prints something that it doesn't read again.
 */
function load(table: string, chain: string, rule: string): { printed: string; errors: string } {
  const six = rule.startsWith('-6 ')
  const family = six ? 'ipv6' : 'ipv4'
  const { ruleset, problems } = parseIptablesSave(
    `*${table}\n-A ${chain} ${six ? rule.slice(3) : rule}\nCOMMIT\n`,
    { file: 'line.t', family, backend: 'legacy' },
  )
  const rules = ruleset.tables.flatMap(t => t.chains.flatMap(c => c.rules))
  return {
    printed: rules.map(r => printRule(r, chain, { family }).replace(`-A ${chain} `, '')).join('\n'),
    errors: problems
      .filter(p => p.severity === 'error')
      .map(p => p.message)
      .join('\n'),
  }
}

const files = readdirSync(import.meta.dirname).filter(f => f.endsWith('.t'))

test('each target has a .t file, and words for people', () => {
  expect([...new Set(targets.map(t => `${t.name}.t`))].sort()).toEqual([...files].sort())
  for (const t of targets) {
    expect(t.doc, t.name).toBeTruthy()
    expect(t.kernel, t.name).toMatch(/^net\//)
  }
})

describe.each(files)('%s', file => {
  let table = 'filter'
  let chain = 'FORWARD'
  for (const line of readFileSync(`${import.meta.dirname}/${file}`, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('*')) table = line.slice(1)
    else if (line.startsWith(':')) chain = line.slice(1)
    else {
      const [rule = '', what = '', verdict = ''] = line.split('; ')
      const here = [table, chain] as const
      test(line, () => {
        const { printed, errors } = load(...here, rule)
        if (verdict === 'FAIL') {
          expect(printed).toBe('')
          expect(errors).toContain(what)
        } else {
          expect(errors).toBe('')
          expect(printed).toBe(what === '=' ? rule.replace(/^-6 /, '') : what)
          if (verdict === 'ONCE') return
          // what is printed is read and printed the same again
          const again = rule.startsWith('-6 ') ? `-6 ${printed}` : printed
          expect(load(...here, again)).toEqual({ printed, errors: '' })
        }
      })
    }
  }
})
