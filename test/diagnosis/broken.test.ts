import { describe, expect, test } from 'vitest'
import { trace } from '../../src/diagnosis/diagnosed.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { converse } from '../../src/talk/converse.js'
import { readEdits } from '../../src/whatif/read-edits.js'
import { undone, whatIfAll } from '../../src/whatif/what-if.js'
import { BROKEN } from './broken.js'
import { lineOf } from './worlds.js'

describe('one cause each: it is named, placed and mended', () => {
  test.each(BROKEN.map(world => [world.name, world] as const))('%s', (_, world) => {
    const files = world.base()
    world.change(files)
    const snapshot = loadSnapshot(files)
    expect(snapshot.problems.filter(p => p.severity === 'error')).toEqual([])
    const [src, dst, proto = 'tcp'] = world.flow
    const talk = trace(snapshot, { src, dst, proto })
    const said = `${talk.outcome}: ${talk.because}\n${JSON.stringify(talk.findings, null, 1)}`
    expect(talk.outcome, said).not.toBe('ok')
    const [finding] = talk.findings
    expect(finding?.id, said).toBe(world.id)
    expect(finding?.severity).toBe('error')
    const seqs = new Set(talk.packets.flatMap(p => p.events.map(e => e.seq)))
    for (const seq of finding!.evidence) expect(seqs.has(seq), `event ${seq}`).toBe(true)
    if (world.where) {
      const [file, words] = world.where
      expect(finding!.where?.file, said).toBe(file)
      if (words !== undefined) expect(finding!.where?.line, said).toBe(lineOf(files, file, words))
    }
    expect(finding!.cure?.verified ?? false, said).toBe(world.cured ?? true)
    if (!finding!.cure?.verified) return
    // the printed commands, carried out, mend it; undone, the world is as it was
    const tried = whatIfAll(snapshot, readEdits(finding!.cure.commands.join('\n'), 'cure'))
    expect(converse(tried.after, talk.flow).outcome).toBe('ok')
    expect(trace(tried.after, { src, dst, proto }).findings.filter(f => f.severity === 'error')).toEqual([])
    expect(undone(tried)).toEqual(snapshot)
    // what is forgotten, and the order of real servers, no command brings back
    if (/^(#|ipvsadm -a)/.test(finding!.cure.undo[0]!)) return
    const back = whatIfAll(tried.after, readEdits(finding!.cure.undo.join('\n'), 'undo'))
    expect(converse(back.after, talk.flow).outcome).toBe(talk.outcome)
  })

  test('there are at least forty', () => expect(BROKEN.length).toBeGreaterThanOrEqual(40))
})
