import type { Problem } from '../model/place.js'
import { lineProblem, linesOf } from './lines.js'
import { record } from '../values/record.js'

export interface SysctlRead {
  readonly sysctl: Readonly<Record<string, string>>
  readonly problems: readonly Problem[]
}

/** `net/ipv4/ip_forward` and `net.ipv4.ip_forward` are one key; a dot in a device's name is then written `/`. */
export const sysctlKey = (written: string): string =>
  /^[^.]*\//.test(written) ? written.replace(/[./]/g, c => (c === '.' ? '/' : '.')) : written

/** Reads `sysctl -a`: `key = value`, a line each. Errors that the tool mixes in are passed over. */
export function parseSysctl(text: string, file: string): SysctlRead {
  const sysctl = record<string>()
  const problems: Problem[] = []
  for (const line of linesOf(text, problems)) {
    const parts = /^\s*-?([^\s=#;:]+)\s*=\s?(.*)$/.exec(line.text)
    if (parts) sysctl[sysctlKey(parts[1]!)] = parts[2]!.trim()
    else if (!/^\s*([#;]|sysctl:|error:)/.test(line.text))
      problems.push(lineProblem(line, file, 'not a sysctl: expected `key = value`', 'warning'))
  }
  return { sysctl, problems }
}
