import { expect, test } from 'vitest'
import { trace } from '../../src/diagnosis/diagnosed.js'
import { whyNotHere } from '../../src/lab/transport.js'
import { type Question, verify } from '../../src/lab/verify.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { readEdits } from '../../src/whatif/read-edits.js'
import { whatIfAll } from '../../src/whatif/what-if.js'
import { BROKEN } from '../diagnosis/broken.js'
import { ipvsWorld } from '../diagnosis/worlds.js'

const why = whyNotHere()

/** What this lab can't build, and why. */
const NOT_BUILT = new Map([
  ['an old conntrack entry', 'entries of a dump are not put into the kernel'],
  ['an endpoint is gone', 'the kernel throws its own dice between the endpoints'],
  ['the connection table is full', 'the limit is the machine’s own, not the namespace’s'],
])

test.skipIf(why !== undefined)(
  `worlds with one cause, live: they break, and the cure mends them${why === undefined ? '' : ` (skipped: ${why})`}`,
  async () => {
    const questions: Question[] = []
    for (const world of BROKEN) {
      // IPVS is not in every kernel, and dummy devices neither
      if (world.base === ipvsWorld || NOT_BUILT.has(world.name)) continue
      const files = world.base()
      world.change(files)
      const snapshot = loadSnapshot(files)
      const [src, dst, proto = 'tcp'] = world.flow
      const flow = { src, dst, proto }
      const cure = trace(snapshot, flow).findings[0]?.cure
      questions.push({ title: `${world.name}, before`, flow, snapshot })
      if (!cure?.verified) continue
      const { after } = whatIfAll(snapshot, readEdits(cure.commands.join('\n'), 'cure'))
      questions.push({ title: `${world.name}, after`, flow, snapshot: after })
    }
    const { flows } = await verify('cures', questions)
    const wrong = flows.flatMap(f =>
      f.differences
        // how it fails is other tests' matter: errors are rationed, and ARP gives up later than the lab waits
        .filter(d => d.aspect === 'outcome' && d.simulator.startsWith('ok') !== d.kernel.startsWith('ok'))
        .map(d => `${f.title}: nfsim ${d.simulator}, kernel ${d.kernel}`),
    )
    expect(wrong).toEqual([])
    expect(flows.length).toBeGreaterThan(60)
  },
)
