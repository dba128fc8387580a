import { describe, expect, test } from 'vitest'
import { allExtensions } from '../../src/xtables/registry.js'
import { answersOf, withoutUnknown } from './answers.js'
import { simulate } from './simulator.js'
import { readTable, tableNames } from './table.js'

/** What the kernel did with packets made by hand, as recorded: the simulator does the same, or says that it can't know. */
describe.each(tableNames())('%s', name => {
  for (const [i, sheet] of readTable(name).sheets.entries())
    test(`${i + 1}: ${sheet.world ?? 'router'}, IPv${sheet.family ?? 4}, ${sheet.at}`, async () => {
      const said = await answersOf(sheet, (rules, backend) => simulate(sheet, rules, backend))
      const { rules, targets } = sheet
      const recorded = { ...(rules && { rules }), ...(targets && { targets }) }
      expect(withoutUnknown(said, sheet.unknown)).toEqual(withoutUnknown(recorded, sheet.unknown))
      expect(said.unknown).toEqual(sheet.unknown)
    })
})

/** Extensions that no table asks about, and why. */
const NOT_ASKED: Readonly<Record<string, string>> = {
  'match ipvs': 'no kernel here has IPVS; its recorded cases are in test/cases',
  'match nfacct': 'its objects need a tool (nfacct) that is not there',
  'target CLUSTERIP': 'gone since Linux 6.3',
  'target CONNSECMARK': 'needs SELinux',
  'target LED': 'this kernel has none',
  'target SECMARK': 'needs SELinux',
  'target ULOG': 'gone since Linux 3.17',
}

test('each extension is asked about, or it is said why not', () => {
  const text = tableNames()
    .flatMap(name => readTable(name).sheets)
    .flatMap(sheet => [
      ...(sheet.before ?? []),
      ...Object.keys(sheet.rules ?? {}),
      ...Object.keys(sheet.targets ?? {}),
    ])
    .join('\n')
  const unasked = allExtensions()
    .filter(e => !new RegExp(`-${e.kind === 'match' ? 'm' : 'j'} ${e.name}\\b`).test(text))
    .map(e => `${e.kind} ${e.name}`)
  expect([...new Set(unasked)].sort()).toEqual(Object.keys(NOT_ASKED).sort())
})
