import { describe, expect, test } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { diagnosed } from '../../src/diagnosis/diagnosed.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { converse } from '../../src/talk/converse.js'
import { trace } from '../../src/talk/trace.js'
import { readEdits } from '../../src/whatif/read-edits.js'
import { undone, whatIfAll } from '../../src/whatif/what-if.js'
import { packedCases, packs } from '../agreement/cases.js'

/** What real kernels did: every failure has a cause, no success is blamed. */
describe('recorded conversations', () => {
  test.each(packs())(
    '%s',
    pack => {
      const unexplained: string[] = []
      const blamed: string[] = []
      const cited: string[] = []
      for (const { name, files, flows } of packedCases(pack)) {
        const snapshot = loadSnapshot(files)
        for (const [i, { src, dst, proto, dport, sport }] of flows.entries()) {
          const talk = trace(snapshot, { src, dst, proto, dport, sport })
          const findings = diagnose(talk, snapshot)
          const errors = findings.filter(f => f.severity === 'error')
          const title = `${name}#${i}: ${talk.because}`
          if (talk.outcome === 'ok' ? errors.length > 0 : false) blamed.push(title)
          if (
            talk.outcome !== 'ok' &&
            talk.outcome !== 'unknown' &&
            (errors.length === 0 || errors[0]!.id === 'unexplained')
          )
            unexplained.push(title)
          const seqs = new Set(talk.packets.flatMap(p => p.events.map(e => e.seq)))
          if (findings.some(f => f.evidence.some(seq => !seqs.has(seq)))) cited.push(title)
        }
      }
      expect({ unexplained, blamed, cited }).toEqual({ unexplained: [], blamed: [], cited: [] })
    },
    120_000,
  )

  test.each(packs())(
    '%s: every cure that is called tried works, and is undone exactly',
    pack => {
      const wrong: string[] = []
      for (const { name, files, flows } of packedCases(pack)) {
        const snapshot = loadSnapshot(files)
        for (const [i, { src, dst, proto, dport, sport }] of flows.entries()) {
          const talk = diagnosed(trace(snapshot, { src, dst, proto, dport, sport }), snapshot)
          for (const { cure } of talk.findings) {
            if (!cure?.verified) continue
            const tried = whatIfAll(snapshot, readEdits(cure.commands.join('\n'), 'cure'))
            if (converse(tried.after, talk.flow).outcome !== 'ok')
              wrong.push(`${name}#${i}: ${cure.commands.join('; ')}`)
            expect(undone(tried)).toEqual(snapshot)
          }
        }
      }
      expect(wrong).toEqual([])
    },
    240_000,
  )
})
