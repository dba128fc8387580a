import type { Netns } from '../../model/snapshot.js'
import { inputError } from '../../parse/problems.js'
import { sysctlOf } from '../../snapshot/sysctl.js'
import { parseSysctlEdit, withSysctl } from '../../snapshot/with-sysctl.js'
import type { Change, Command } from '../edit.js'

const BRIDGE_NF = 'net.bridge.bridge-nf-'

/** `sysctl -w key=value`; `key=value` alone will do. @throws InputError */
export function sysctlCommand(words: readonly string[]): Command {
  const pairs = words.filter(word => !/^-/.test(word))
  const joined = pairs.length === 3 && pairs[1] === '=' ? [pairs.join('')] : pairs
  if (joined.length === 0) throw inputError('sysctl', 'expected key=value')
  const edits = joined.map(pair => parseSysctlEdit(pair))
  return (netns, snapshot) => {
    const after = edits.reduce(
      (world, { key, value }) => withSysctl(world, `${netns.name}:${key}=${value}`),
      snapshot,
    )
    const now = after.nodes.flatMap(n => n.namespaces).find(n => n.name === netns.name)!
    return { changes: differences(netns, now), undo: edits.flatMap(({ key }) => undoOf(netns, key)) }
  }
}

/** Not `modprobe -r`: it would take the bridge module along, and with it every bridge there is. */
function undoOf(netns: Netns, key: string): string[] {
  const old = sysctlOf(netns, key)
  if (old !== undefined) return [`sysctl -w ${key}=${old}`]
  return key.startsWith(BRIDGE_NF) ? ['rmmod br_netfilter'] : []
}

/** Only the keys that differ, so that the patches tell what happened. */
function differences(before: Netns, after: Netns): Change[] {
  const changes: Change[] = Object.entries(after.sysctl).flatMap(([key, value]) =>
    Object.hasOwn(before.sysctl, key) && before.sysctl[key] === value
      ? []
      : [{ path: ['sysctl', key], value }],
  )
  if (after.modules !== before.modules && after.modules)
    changes.push({ path: ['modules'], value: [...after.modules] })
  return changes
}

/** `modprobe [-r] NAME`; br_netfilter brings its sysctls as 1 (br_netfilter_hooks.c), and takes them along. */
export function modprobeCommand(words: readonly string[]): Command {
  const removing = words.some(word => word === '-r' || word === '--remove')
  const names = words.filter(word => !word.startsWith('-'))
  if (names.length === 0) throw inputError('modprobe', 'expected the name of a module')
  return (netns, snapshot) => {
    const changes: Change[] = []
    const undo: string[] = []
    for (const name of names) {
      const has = netns.modules?.includes(name)
      const keys = Object.keys(netns.sysctl).filter(key => key.startsWith(BRIDGE_NF))
      const bridge = name === 'br_netfilter'
      if (removing) {
        if (netns.modules && has)
          changes.push({ path: ['modules'], value: netns.modules.filter(m => m !== name) })
        if (bridge) for (const key of keys) changes.push({ path: ['sysctl', key], value: undefined })
        undo.push(`modprobe ${name}`)
        if (bridge) for (const key of keys) undo.push(`sysctl -w ${key}=${netns.sysctl[key]}`)
        continue
      }
      if (bridge && keys.length === 0)
        changes.push(...sysctlCommand([`${BRIDGE_NF}call-iptables=1`])(netns, snapshot).changes)
      else if (netns.modules && !has) changes.push({ path: ['modules'], value: [...netns.modules, name] })
      if (!has || (bridge && keys.length === 0)) undo.push(`rmmod ${name}`)
    }
    return { changes, undo }
  }
}
