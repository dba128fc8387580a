import { readFileSync } from 'node:fs'

/** Its files, which are one program and share their names; in this order. */
const FILES = [
  'start',
  'spaces',
  'servers',
  'monitor',
  'tap',
  'nflog',
  'conntrack',
  'client',
  'ipvs',
  'flow',
  'frames',
  'main',
]

/**
 * The hands of the kernel driver: a Python program (3.7 or newer, no packages) that works in many network
 * namespaces at once, because setns(2) is a thread's own affair. One JSON object a line in, one out, told apart by
 * `id`; the first, of number 0, says what machine it is. When its input ends, however that came about, everything that it made is taken down again.
 */
export const agentProgram = (): string =>
  FILES.map(name => readFileSync(new URL(`./agent-program/${name}.py`, import.meta.url), 'utf8')).join('\n')
