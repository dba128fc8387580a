import { describe, expect, test } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { trace } from '../../src/talk/trace.js'
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
})
