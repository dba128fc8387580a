import type { Ip } from '../values/ip.js'
import { membership } from '../world/groups.js'
import { assume, type Here } from './here.js'

/** Has a device joined a group? What is not told is a doubt: nobody has, unless the answer hangs on it. */
export function hasJoined(here: Here, dev: string, group: Ip): boolean {
  const told = membership(here.space, dev, group)
  if (told !== 'unknown') return told
  const at = `whether a program in ${here.space.name} has joined ${group} on ${dev}`
  const joined = here.run.choose(here.trace, here.space.name, at, ['none has', 'one has'], true) === 1
  if (!joined)
    assume(here, `no program in ${here.space.name} has joined ${group} on ${dev}`, 'a dump does not tell')
  return joined
}
