import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A scenario that comes with the package. */
export interface ScenarioFolder {
  /** The folder's name: `02-same-node-fails`. */
  readonly name: string
  readonly path: string
  readonly isDefault: boolean
}

/** Both src/node/ and dist/node/ lie two folders below the package. */
const ROOT = fileURLToPath(new URL('../../scenarios', import.meta.url))

/** All scenarios of the package, in the order of their numbers. */
export function listScenarios(root = ROOT): ScenarioFolder[] {
  if (!existsSync(root)) return []
  return readdirSync(root)
    .sort()
    .map(name => ({ name, path: join(root, name) }))
    .filter(({ path }) => existsSync(join(path, 'snapshot.yaml')))
    .map(({ name, path }) => {
      const isDefault = /^default:[ \t]*true[ \t]*$/m.test(readFileSync(join(path, 'snapshot.yaml'), 'utf8'))
      return { name, path, isDefault }
    })
}

/** A scenario by its name, its number (`02`), its name without the number, or as a folder. */
export function findScenario(name: string, root = ROOT): ScenarioFolder | undefined {
  const all = listScenarios(root)
  const known =
    all.find(scenario => scenario.name === name) ??
    all.find(scenario => scenario.name.replace(/^\d+-/, '') === name) ??
    all.find(scenario => /^\d+$/.test(name) && Number.parseInt(scenario.name, 10) === Number(name))
  if (known) return known
  if (existsSync(name) && statSync(name).isDirectory()) return { name, path: name, isDefault: false }
  return undefined
}
