import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Agent } from '../../src/lab/agent.js'
import { whyNotHere } from '../../src/lab/transport.js'
import { type Answers, answersOf } from '../tables/answers.js'
import { Kernel, kernelVersion } from '../tables/kernel.js'
import { readTable, type Sheet, tableNames, writeTable } from '../tables/table.js'
import { simulate } from '../tables/simulator.js'

/**
 * The tables of test/tables, asked of this machine's kernel again. NFSIM_RECORD=1 writes what it says into them;
 * NFSIM_RECORD=unknown also what the simulator says that it does not know.
 */
const record = process.env.NFSIM_RECORD
const RECORDED_ON = '6.18'
const why =
  whyNotHere() ??
  (kernelVersion() === RECORDED_ON || record
    ? undefined
    : `recorded on Linux ${RECORDED_ON}, this is ${kernelVersion()}`)

/** Seconds for what a packet calls forth: it is there at once, unless the machine is busy. */
const PATIENCE = [0.003, 0.2]

describe.skipIf(why !== undefined)(`tables against the kernel${why ? ` (skipped: ${why})` : ''}`, () => {
  let agent: Agent
  let kernel: Kernel
  beforeAll(async () => {
    agent = new Agent()
    await agent.ready
    kernel = new Kernel(agent)
  })
  afterAll(() => agent.close())
  const said = (sheet: Sheet, patience: number): Promise<Answers> =>
    answersOf(sheet, (rules, backend) => kernel.ask(sheet, rules, backend, patience))

  test.concurrent.each(tableNames())('%s', async name => {
    const table = readTable(name)
    const answers: object[] = []
    for (const sheet of table.sheets) {
      const { rules, targets } = sheet
      const recorded = { ...(rules && { rules }), ...(targets && { targets }) }
      let answer: object = await said(sheet, PATIENCE[record ? 1 : 0]!)
      if (!record && JSON.stringify(answer) !== JSON.stringify(recorded))
        answer = await said(sheet, PATIENCE[1]!)
      if (record === 'unknown') {
        const { unknown } = await answersOf(sheet, (r, backend) => simulate(sheet, r, backend))
        answer = { ...answer, unknown }
      }
      answers.push(answer)
      if (!record) expect(answer).toEqual(recorded)
    }
    if (record) writeTable(table, answers)
  })
})
