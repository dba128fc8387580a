import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readSnapshotFiles } from '../../src/node/read-snapshot.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { namespacesOf } from '../../src/snapshot/names.js'

const data = resolve(import.meta.dirname, '../../../shared/data')
const readers = /\/(ip-|bridge-|ss|sysctl|lsmod|conntrack|ipset)/

for (const kind of ['kernel-cases', 'more-cases', 'ipvs-cases']) {
  const folder = join(data, kind)
  test.skipIf(!existsSync(folder))(
    `${kind}: every veth finds its peer, in text, JSON or both`,
    async () => {
      for (const name of readdirSync(folder)) {
        const all = await readSnapshotFiles(join(folder, name))
        const without = (pattern: RegExp) => new Map([...all].filter(([path]) => !pattern.test(path)))
        for (const files of [all, without(/ip-(addr|link)\.txt$/), without(/\.json$/), without(/fdb/)]) {
          const snapshot = loadSnapshot(files)
          expect(snapshot.problems.filter(p => readers.test(p.file))).toEqual([])
          const wireOf = new Map(
            snapshot.wires.flatMap(w => w.ends.map(e => [`${e.netns}:${e.iface}`, w] as const)),
          )
          for (const netns of namespacesOf(snapshot))
            for (const iface of netns.ifaces.filter(i => i.kind === 'veth')) {
              const wire = wireOf.get(`${netns.name}:${iface.name}`)
              expect(wire, `${name} ${netns.name}:${iface.name}`).toBeDefined()
              // vethX of a bridge leads to pod X; nothing else does
              if (iface.master)
                expect(wire!.ends.map(e => e.netns).sort()).toEqual([iface.name.slice(4), netns.name].sort())
            }
          const uplinks = wireOf.get('node2:eth0')
          if (uplinks) expect(uplinks.ends.map(e => e.netns).sort()).toEqual(['ext', 'node', 'node2'])
        }
      }
    },
    120_000,
  )
}

test.skipIf(!existsSync(join(data, 'kernel-cases')))(
  'nothing but the kernel version is supposed of a whole node',
  () => {
    const dir = join(data, 'kernel-cases', readdirSync(join(data, 'kernel-cases'))[0]!, 'node')
    const files = new Map(
      readdirSync(dir)
        .filter(f => /\.(txt|json)$/.test(f))
        .map(f => [f, readFileSync(join(dir, f), 'utf8')]),
    )
    expect(loadSnapshot(files).assumptions.filter(a => a.startsWith('node:'))).toEqual([])
  },
)
