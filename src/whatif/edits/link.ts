import { type BridgePort, FRESH_PORT, type Iface } from '../../model/iface.js'
import type { Netns } from '../../model/snapshot.js'
import { didYouMean, inputError, type InputError } from '../../parse/problems.js'
import type { Change, Command } from '../edit.js'

const bad = (message: string): InputError => inputError('ip link', message)

/** Index of a device. @throws InputError */
export function deviceIndex(netns: Netns, name: string | undefined): number {
  const at = netns.ifaces.findIndex(iface => iface.name === name)
  if (at >= 0) return at
  throw bad(
    `${netns.name} has no device ${name ?? '(none was named)'}${didYouMean(
      name ?? '',
      netns.ifaces.map(i => i.name),
    )}`,
  )
}

const onOff = (word: string | undefined, flag: string): boolean => {
  if (word === 'on' || word === '1') return true
  if (word === 'off' || word === '0') return false
  throw bad(`${flag}: expected on or off`)
}
const word = (on: boolean): string => (on ? 'on' : 'off')

type PortFlag = Exclude<keyof BridgePort, 'state'>
const PORT_FLAGS = new Map<string, PortFlag>([
  ['hairpin', 'hairpin'],
  ['hairpin_mode', 'hairpin'],
  ['isolated', 'isolated'],
  ['learning', 'learning'],
  ['flood', 'flood'],
  ['mcast_flood', 'mcastFlood'],
  ['bcast_flood', 'bcastFlood'],
])

/** `bridge link set dev X hairpin on …`. @throws InputError */
export function bridgeLinkCommand(words: readonly string[]): Command {
  const rest = words[0] === 'set' ? words.slice(1) : [...words]
  const dev = rest[0] === 'dev' ? rest[1] : rest[0]
  return portFlags(dev, rest.slice(rest[0] === 'dev' ? 2 : 1))
}

function portFlags(dev: string | undefined, words: readonly string[]): Command {
  const set: { flag: PortFlag; on: boolean }[] = []
  for (let i = 0; i < words.length; i += 2) {
    const flag = PORT_FLAGS.get(words[i]!)
    if (!flag)
      throw bad(`a bridge port has no flag ${words[i]} here${didYouMean(words[i]!, PORT_FLAGS.keys())}`)
    set.push({ flag, on: onOff(words[i + 1], words[i]!) })
  }
  if (set.length === 0) throw bad('expected a flag, as hairpin on')
  return netns => {
    const at = deviceIndex(netns, dev)
    const iface = netns.ifaces[at]!
    if (iface.master === undefined) throw bad(`${dev} in ${netns.name} is no port of a bridge`)
    const old = iface.bridgePort ?? FRESH_PORT
    const port = { ...old, ...Object.fromEntries(set.map(({ flag, on }) => [flag, on])) }
    return {
      changes: [{ path: ['ifaces', at, 'bridgePort'], value: port }],
      undo: set.map(({ flag }) => `bridge link set dev ${dev} ${flag} ${word(old[flag])}`),
    }
  }
}

/** `ip link set [dev] X up|down|master B|nomaster|mtu N|promisc on|type bridge_slave hairpin on`. @throws InputError */
export function linkCommand(action: string, words: readonly string[]): Command {
  if (action !== 'set') throw bad(`ip link ${action}: only \`set\` is understood`)
  const rest = words[0] === 'dev' ? words.slice(1) : [...words]
  const [dev, ...options] = rest
  if (options.length === 0) throw bad('expected what to set, as up or down')
  const slave = options[0] === 'type' && options[1] === 'bridge_slave'
  if (slave) return portFlags(dev, options.slice(2))
  return netns => {
    const at = deviceIndex(netns, dev)
    const iface = netns.ifaces[at]!
    const changes: Change[] = []
    const undo: string[] = []
    const set = (field: keyof Iface, value: unknown, back: string) => {
      changes.push({ path: ['ifaces', at, field], value })
      undo.push(`ip link set dev ${dev} ${back}`)
    }
    for (let i = 0; i < options.length; i++) {
      const option = options[i]!
      if (option === 'up' || option === 'down') set('up', option === 'up', iface.up ? 'up' : 'down')
      else if (option === 'nomaster' || option === 'master') {
        const master = option === 'master' ? options[++i] : undefined
        if (option === 'master') deviceIndex(netns, master)
        set('master', master, iface.master === undefined ? 'nomaster' : `master ${iface.master}`)
        if (iface.bridgePort === undefined && master !== undefined)
          changes.push({ path: ['ifaces', at, 'bridgePort'], value: FRESH_PORT })
      } else if (option === 'mtu') {
        const mtu = Number(options[++i])
        if (!Number.isInteger(mtu) || mtu < 68 || mtu > 65536) throw bad('mtu: expected a number of bytes')
        set('mtu', mtu, `mtu ${iface.mtu}`)
      } else if (option === 'promisc') {
        set('promisc', onOff(options[++i], option), `promisc ${word(iface.promisc)}`)
      } else if (option === 'arp') set('noarp', !onOff(options[++i], option), `arp ${word(!iface.noarp)}`)
      else throw bad(`ip link set: ${option} is not understood`)
    }
    return { changes, undo }
  }
}
