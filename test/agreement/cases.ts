import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { converse } from '../../src/talk/converse.js'
import { resolveFlow } from '../../src/talk/resolve-flow.js'
import { traceJson } from '../../src/render/json.js'
import { ASPECTS, type Aspect, compare, type RecordedFlow } from './score.js'

/** A recorded world: its dumps, and what a real kernel did with each flow. */
export interface RecordedCase {
  readonly name: string
  readonly files: ReadonlyMap<string, string>
  readonly flows: readonly RecordedFlow[]
}

/** Reads the cases that `test/cases/pack.mjs` packed. */
export function packedCases(pack: string): RecordedCase[] {
  const file = new URL(`../cases/${pack}.json.br`, import.meta.url)
  const cases: { name: string; files: Record<string, string>; flows: RecordedFlow[] }[] = JSON.parse(
    brotliDecompressSync(readFileSync(file)).toString('utf8'),
  )
  return cases.map(({ name, files, flows }) => ({ name, files: new Map(Object.entries(files)), flows }))
}

/** Reads unpacked cases: a folder a case, with `expected.json` in it. */
function unpackedCases(folder: string): RecordedCase[] {
  return readdirSync(folder)
    .sort()
    .map(name => {
      const dir = join(folder, name)
      const files = new Map<string, string>()
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name)
        if (entry.isFile() && entry.name !== 'expected.json')
          files.set(relative(dir, path), readFileSync(path, 'utf8'))
      }
      return { name, files, flows: JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8')).flows }
    })
}

/** Cases by the name of a pack, or by a folder. */
export const casesOf = (name: string): RecordedCase[] =>
  name.includes('/') ? unpackedCases(name) : packedCases(name)

export const packs = (): string[] =>
  readdirSync(new URL('../cases/', import.meta.url))
    .filter(name => name.endsWith('.json.br'))
    .map(name => name.replace('.json.br', ''))

export interface Agreement {
  readonly flows: number
  readonly agreed: Readonly<Record<Aspect, number>>
  /** `case#flow src>dst:port/proto aspect: what differs`. */
  readonly mismatches: readonly string[]
}

/** Asks the simulator every question of the cases, each from the same fresh state, and counts what agrees. */
export function agreementOf(cases: readonly RecordedCase[]): Agreement {
  const agreed = { outcome: 0, seen: 0, trace: 0, conntrack: 0 }
  const mismatches: string[] = []
  let flows = 0
  for (const { name, files, flows: recorded } of cases) {
    const snapshot = loadSnapshot(files)
    recorded.forEach((flow, at) => {
      flows++
      const { src, dst, proto, dport, sport, payload } = flow
      const asked = { src, dst, proto, dport, sport, ...(payload === undefined ? {} : { payload }) }
      const title = `${name}#${at} ${src}>${dst}:${dport}/${proto}`
      try {
        const answer = traceJson(converse(snapshot, resolveFlow(snapshot, asked)))
        const found = compare(flow, answer)
        for (const aspect of ASPECTS)
          if (!found.some(mismatch => mismatch.aspect === aspect)) agreed[aspect]++
        for (const { aspect, says } of found) mismatches.push(`${title} ${aspect}: ${says}`)
      } catch (error) {
        mismatches.push(`${title} threw: ${error instanceof Error ? error.stack : error}`)
      }
    })
  }
  return { flows, agreed, mismatches }
}

/** `flows 432: outcome 100.00%, seen …`: the four shares, as the yardstick words them. */
export function sharesOf({ flows, agreed }: Agreement): string {
  const shares = ASPECTS.map(
    aspect => `${aspect} ${((100 * agreed[aspect]) / Math.max(1, flows)).toFixed(2)}%`,
  )
  return `flows ${flows}: ${shares.join(', ')} agree with the kernel`
}
