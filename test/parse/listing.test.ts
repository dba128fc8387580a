import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseRuleListing } from '../../src/parse/listing/rule-listing.js'
import { parseTableListing } from '../../src/parse/listing/table-listing.js'
import { recognise } from '../../src/parse/recognise.js'
import { printRuleset } from '../../src/print/iptables-save.js'
import { exhibits, hasMuseum } from './museum.js'

/** What iptables 1.8.9 printed of the same rules in its four ways. */
const recorded = (name: string) => readFileSync(new URL(`listings/${name}.txt`, import.meta.url), 'utf8')
const context = { file: 'x', family: 'ipv4', backend: 'legacy' } as const
const bare = (text: string) => text.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '')

describe.each(['nat', 'filter', 'mangle'])('%s', table => {
  test('-S holds what iptables-save holds', () => {
    const text = recorded(`${table}.S`)
    expect(recognise(text)).toBe('iptables-rules')
    const { ruleset, problems } = parseRuleListing(text, context)
    expect(problems).toEqual([])
    expect(bare(printRuleset(ruleset))).toBe(bare(recorded(`${table}.save`)))
  })

  test('-L -n -v --line-numbers too, but for what it cuts short', () => {
    const text = recorded(`${table}.L`)
    expect(recognise(text)).toBe('iptables-list')
    const { ruleset, problems } = parseTableListing(text, context)
    expect(problems.filter(p => p.severity === 'error')).toEqual([])
    const unread = problems.map(p => p.line)
    const lines = bare(printRuleset(ruleset)).split('\n')
    const differ = bare(recorded(`${table}.save`))
      .split('\n')
      .filter((line, i) => line !== lines[i])
    expect(differ.every(line => /recent|hashlimit|connlimit|string/.test(line))).toBe(true)
    expect(unread.length).toBe(differ.length)
  })

  test('a bare -L says that it hides devices', () => {
    const { ruleset, problems } = parseTableListing(recorded(`${table}.plain-L`), context)
    expect(problems.filter(p => p.severity === 'error')).toEqual([])
    expect(problems[0]?.message).toContain('hides the devices')
    expect(ruleset.tables.map(t => t.name)).toEqual([table])
  })
})

test('a listing that does not tell its table', () => {
  const one = '-N X\n-A X -j ACCEPT\n'
  expect(parseRuleListing(one, context).problems[0]?.message).toContain('--table')
  const read = parseRuleListing(one, { ...context, table: 'mangle' })
  expect(read.problems).toEqual([])
  expect(read.ruleset.tables[0]?.name).toBe('mangle')
  expect(parseRuleListing('-A X -j MASQUERADE\n', context).ruleset.tables[0]?.name).toBe('nat')
})

test('what a listing was changed to is told in its own lines', () => {
  const text =
    'Chain INPUT (policy ACCEPT)\ntarget     prot opt source               destination         \nACCEPT     tcp  --  somehost             anywhere             tcp dpt:nope\n'
  const { problems } = parseTableListing(text, context)
  expect(new Set(problems.map(p => `${p.line} ${p.severity}`))).toEqual(
    new Set(['1 warning', '2 warning', '3 warning', '3 error']),
  )
  expect(problems.at(-1)?.source).toContain('somehost')
})

describe.skipIf(!hasMuseum)('real listings (../shared/data/dumps/iptables-L)', () => {
  test.each(exhibits('iptables-L'))('$path', e => {
    expect(recognise(e.text)).toBe('iptables-list')
    const { ruleset, problems } = parseTableListing(e.text, context)
    expect(problems.filter(p => p.severity === 'error')).toEqual([])
    const listed = e.text.split('\n').filter(l => / -- /.test(l)).length
    expect(ruleset.tables.flatMap(t => t.chains.flatMap(c => c.rules)).length).toBe(listed)
  })
})
