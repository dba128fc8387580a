import { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { readdirSync } from 'node:fs'
import { run } from '../../src/cli/run.js'
import { certificateText } from '../../src/lab/certificate.js'
import { PREFIX, whyNotHere } from '../../src/lab/transport.js'
import { questionsOf, settled, verify, type Verified } from '../../src/lab/verify.js'
import { listScenarios } from '../../src/node/scenarios.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { packedCases } from '../agreement/cases.js'

test.each([
  [['agree'], 'agree', 'ok'],
  [['left-out'], 'left-out', 'ok'],
  [['differ', 'agree'], 'agree', 'ok, when asked again'],
  [['differ', 'differ'], 'differ', 'ok'],
] as const)('only what differs twice differs: %j', async (results, result, says) => {
  const patience: boolean[] = []
  const counted = { differences: [], passes: 0, frames: 0, connections: 0 }
  const one = await settled(async (patient): Promise<Verified> => {
    patience.push(patient)
    return { ...counted, title: 'x', says: 'ok', result: results[patience.length - 1]! }
  })
  expect(one).toMatchObject({ result, says })
  expect(patience).toEqual([false, true].slice(0, results.length))
})

const why = whyNotHere()
const here = why === undefined ? '' : ` (skipped: ${why})`
const ours = () => readdirSync('/run/netns').filter(name => name.startsWith(`${PREFIX}-`))

describe.skipIf(why !== undefined)(`verify${here}`, () => {
  afterEach(() => {
    // the fuzzer may run beside this: only what dead agents left is ours to complain about
    const left = ours().filter(name => {
      try {
        process.kill(Number(name.split('-')[1]), 0)
        return false
      } catch {
        return true
      }
    })
    expect(left).toEqual([])
  })

  test.each(['bridge-300002', 'kube-300001', 'router-300001'])('%s: as recorded, so live', async name => {
    const { files, flows } = packedCases('kernel-cases').find(c => c.name === name)!
    const snapshot = loadSnapshot(files)
    const questions = flows.map(({ src, dst, proto, dport, sport }) => ({
      title: `${src} > ${dst}`,
      flow: { src, dst, proto, dport, sport },
      snapshot,
    }))
    const certificate = await verify(name, questions)
    expect(certificate.flows.flatMap(f => f.differences)).toEqual([])
    expect(certificate.flows.some(f => f.passes > 0)).toBe(true)
    expect(certificate.flows.every(f => f.frames > 0)).toBe(true)
    expect(certificateText(certificate, 100)).toContain(`${flows.length} of ${flows.length} flows agree`)
  })

  test('a rule that only one side has is found, and shown with both views', async () => {
    const { files, flows } = packedCases('kernel-cases').find(c => c.name === 'router-300002')!
    const snapshot = loadSnapshot(files)
    const { src, dst, proto, dport, sport } = flows[2]!
    const [question] = questionsOf({ ...snapshot, expectations: [] }, () => snapshot)
    expect(question).toBeDefined()
    const certificate = await verify('x', [{ title: 'x', flow: { src, dst, proto, dport, sport }, snapshot }])
    const first = certificate.flows[0]!
    const wrong = {
      ...first,
      result: 'differ' as const,
      differences: [{ aspect: 'outcome' as const, simulator: 'ok', kernel: 'timeout' }],
    }
    const text = certificateText({ ...certificate, flows: [wrong] }, 80)
    expect(text).toMatch(/nfsim +\| kernel/)
    expect(text).toMatch(/ok +\| timeout/)
  })

  test.each(listScenarios().map(s => s.name))('scenario %s: nothing differs', async name => {
    let out = ''
    const io = {
      out: (text: string) => {
        out += text
      },
      err: () => {},
      stdin: () => Readable.from([]),
      columns: 120,
      color: false,
    }
    const code = await run(['verify', '--scenario', name], io)
    expect(out).toContain('nfsim verify')
    expect(out).not.toContain('DIFFER')
    expect(code).toBe(0)
  })
})
