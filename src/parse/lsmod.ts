import type { Problem } from '../model/place.js'
import { lineProblem, linesOf } from './lines.js'

export interface ModulesRead {
  readonly modules: readonly string[]
  readonly problems: readonly Problem[]
}

/** Reads `lsmod` (and /proc/modules): the names of loaded modules, with `_` as the kernel writes them. */
export function parseLsmod(text: string, file: string): ModulesRead {
  const modules: string[] = []
  const problems: Problem[] = []
  for (const line of linesOf(text, problems)) {
    const name = /^\s*([A-Za-z0-9_-]+)(?:\s+\d+\s+-?\d+.*)?\s*$/.exec(line.text)?.[1]
    if (name !== undefined) modules.push(name.replaceAll('-', '_'))
    else if (!/^Module\s+Size/.test(line.text))
      problems.push(lineProblem(line, file, 'not a module: expected `NAME SIZE USES`', 'warning'))
  }
  return { modules, problems }
}
