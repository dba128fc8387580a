import type { Iface } from '../model/iface.js'
import type { Space } from './space.js'

/**
 * Why nfsim can't follow a packet out by a device (or in by it), as a sentence; undefined if it can. A device whose
 * workings are not simulated must never pass for a cable, nor for a hole.
 */
export function notSimulated(space: Space, iface: Iface): string | undefined {
  const name = `${iface.name} in ${space.name}`
  if (iface.kind === 'other')
    return `${name} is ${article(iface.typeName ?? 'device of an unknown kind')}: what it does with packets is not simulated`
  const slaves = space.ports(iface.name)
  if (iface.kind === 'physical' && slaves.length > 0)
    return `${name} is ${article(iface.typeName ?? 'bond')} over ${slaves.map(s => s.name).join(', ')}: which of them it takes is not simulated (say what it is connected to under wires in snapshot.yaml)`
  return undefined
}

/** The vrf that a device belongs to: its packets are routed by another table. */
export function vrfOf(space: Space, iface: Iface): Iface | undefined {
  const master = space.iface(iface.master)
  return master?.kind === 'other' && master.typeName === 'vrf' ? master : undefined
}

const article = (kind: string): string => (/^[aeiou]/.test(kind) ? `an ${kind} device` : `a ${kind} device`)
