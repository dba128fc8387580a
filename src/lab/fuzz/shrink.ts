import type { KernelDriver } from '../kernel-driver.js'
import { type Asked, tryFlow, type Trial } from '../observe.js'
import { rulesOf, snapshotOf, withoutRules } from './draft.js'

export interface Shrunk {
  readonly files: ReadonlyMap<string, string>
  readonly trial: Trial
}

/**
 * Drops rules, chains' policies and settings as long as the two sides still disagree in the same aspect. The world
 * that `kernel` holds must be the one of `files`.
 */
export async function shrink(
  kernel: KernelDriver,
  start: Shrunk,
  flow: Asked,
  nextPort: () => number,
): Promise<Shrunk> {
  let best = start
  const aspect = start.trial.differences![0]!.aspect
  const attempt = async (files: ReadonlyMap<string, string>, rebuild: boolean): Promise<boolean> => {
    const snapshot = snapshotOf(files)
    if (rebuild) await kernel.load(snapshot)
    else kernel.reload(snapshot)
    try {
      const trial = await tryFlow(snapshot, kernel, { ...flow, sport: nextPort() }, true)
      if (trial.differences?.[0]?.aspect !== aspect) return false
      best = { files, trial }
      return true
    } catch {
      return false
    }
  }
  // halves, quarters, … single rules
  for (
    let size = Math.ceil(rulesOf(best.files).length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < rulesOf(best.files).length; ) {
      const chunk = rulesOf(best.files).slice(at, at + size)
      const gone = (file: string, line: string) => chunk.some(c => c.file === file && c.line === line)
      if (!(await attempt(withoutRules(best.files, gone), false))) at += size
    }
  }
  const open = new Map(
    [...best.files].map(([name, text]) => [
      name,
      name.endsWith('tables-save.txt') ? text.replace(/^(:\S+) DROP/gm, '$1 ACCEPT') : text,
    ]),
  )
  await attempt(open, false)
  for (const [name, text] of [...best.files]) {
    if (!name.endsWith('sysctl.txt') && !name.endsWith('ip-rule.txt')) continue
    for (const line of text.split('\n')) {
      if (line === '' || /ratelimit|send_redirects|ip_forward =|forwarding =|^(0|3276[67]):/.test(line))
        continue
      const without = best.files
        .get(name)!
        .split('\n')
        .filter(l => l !== line)
        .join('\n')
      await attempt(new Map([...best.files, [name, without]]), true)
    }
  }
  return best
}
