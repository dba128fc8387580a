import { describe, expect, test } from 'vitest'
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
