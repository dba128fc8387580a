import { cached } from '../values/cached.js'
import { FRESH_PORT, type Iface } from '../model/iface.js'
import { type Here, note } from '../run/here.js'
import { groupOf, type Mac } from '../values/mac.js'

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

const FLAG = { host: 'flood', multicast: 'mcastFlood', broadcast: 'bcastFlood' } as const

/**
 * br_flood(): all ports that take part in floods of such frames, but the one that it came by (unless hairpin is on there); the
 * last that was added comes first. What the bridge itself sends to a group or to all goes to each. `from`: absent if it does.
 */
export function floodPorts(
  here: Here,
  bridge: Iface,
  mac: Mac | undefined,
  from: string | undefined,
): readonly string[] {
  const kind = groupOf(mac)
  const takesPart = ({ bridgePort = FRESH_PORT }: Iface) =>
    bridgePort[FLAG[kind]] || (kind !== 'host' && from === undefined)
  return here.space
    .ports(bridge.name)
    .filter(p => p.up && takesPart(p) && (p.name !== from || p.bridgePort?.hairpin === true))
    .map(p => p.name)
    .reverse()
}
