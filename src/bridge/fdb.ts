import { cached } from '../values/cached.js'
import type { Iface } from '../model/iface.js'
import { type Here, note } from '../run/here.js'
import type { Mac } from '../values/mac.js'

export type FdbAnswer = { readonly local: true } | { readonly local: false; readonly port: string }

/** br_fdb_find_rcu(): whose MAC address is it? What this run has learned goes before the dump. */
export function lookupFdb(here: Here, bridge: Iface, mac: Mac): FdbAnswer | undefined {
  const { space } = here
  // the addresses of the bridge and of its ports are local entries
  if (bridge.mac === mac || space.ports(bridge.name).some(p => p.mac === mac)) return { local: true }
  const learned = here.state.learned.get(bridge.name)?.get(mac)
  if (learned !== undefined) return { local: false, port: learned }
  for (const e of space.netns.fdb) {
    if (e.mac !== mac || e.self) continue
    const port = space.iface(e.dev)
    if (port && port.master === bridge.name && port.up) return { local: false, port: e.dev }
  }
  return undefined
}

/** br_fdb_update(): the source of a frame is behind the port that it came in by. */
export function learn(here: Here, bridge: Iface, port: Iface, mac: Mac): void {
  if (port.bridgePort && !port.bridgePort.learning) return
  const known = cached(here.state.learned, bridge.name, () => new Map<Mac, string>())
  if (known.get(mac) === port.name) return
  const moved = known.has(mac)
  known.set(mac, port.name)
  if (moved)
    note(here, {
      kind: 'bridge',
      bridge: bridge.name,
      action: 'learn',
      port: port.name,
      because: `${mac} is now behind ${port.name}`,
    })
}

/** br_flood(): all ports that take part, but the one that it came by (unless hairpin is on there); the last that was added comes first. */
export function floodPorts(here: Here, bridge: Iface, from: string | undefined): readonly string[] {
  return here.space
    .ports(bridge.name)
    .filter(p => p.up && (p.bridgePort?.flood ?? true) && (p.name !== from || p.bridgePort?.hairpin === true))
    .map(p => p.name)
    .reverse()
}
