import { produce } from 'immer'
import type { Snapshot } from '../model/snapshot.js'
import { didYouMean, inputError } from '../parse/problems.js'
import { sysctlKey } from '../parse/sysctl.js'
import { namesOf, namespacesOf } from './names.js'
import { findNetns } from './wires.js'

/** `--set [NODE:]sysctl=value`, taken apart. */
export interface SysctlEdit {
  /** A node or namespace; undefined: every node's own namespace. */
  readonly where?: string
  readonly key: string
  readonly value: string
}

/** @throws InputError if the text is no such edit */
export function parseSysctlEdit(spec: string): SysctlEdit {
  const parts = /^(?:([^:=\s]+):)?([A-Za-z][\w./@+-]*)\s*=\s*(.*)$/s.exec(spec.trim())
  const [, where, written = '', value = ''] = parts ?? []
  const key = sysctlKey(written)
  if (!parts || !key.includes('.') || value.trim() === '' || /[\r\n]/.test(value))
    throw inputError(
      '--set',
      `${JSON.stringify(spec.slice(0, 80))}: expected [NODE:]sysctl=value, as net.ipv4.ip_forward=1`,
    )
  return { ...(where === undefined ? {} : { where }), key, value: value.trim() }
}

const BRIDGE_NF = ['iptables', 'ip6tables', 'arptables'].map(tool => `net.bridge.bridge-nf-call-${tool}`)

/**
 * The snapshot with one sysctl changed, in the namespace that the spec names or, where it names none, on every node.
 * Setting a `net.bridge.bridge-nf-*` key where there is none means loading br_netfilter, which brings the others as 1
 * (br_netfilter_hooks.c brnf_sctl_defaults()).
 * @throws InputError if the spec is malformed or names nothing in the snapshot
 */
export function withSysctl(snapshot: Snapshot, spec: string): Snapshot {
  const edit = parseSysctlEdit(spec)
  const targets = new Set(targetsOf(snapshot, edit))
  return produce(snapshot, draft => {
    for (const node of draft.nodes)
      for (const netns of node.namespaces) {
        if (!targets.has(netns.name)) continue
        if (edit.key.startsWith('net.bridge.bridge-nf-')) loadBridgeNf(netns)
        for (const key of writtenWith(netns, edit.key)) netns.sysctl[key] = edit.value
      }
  })
}

function targetsOf(snapshot: Snapshot, { where }: SysctlEdit): string[] {
  const all = namespacesOf(snapshot)
  if (where === undefined) return all.filter(n => n.isHost).map(n => n.name)
  const named = Object.hasOwn(snapshot.endpoints, where) ? snapshot.endpoints[where]!.netns : undefined
  const netns = findNetns(all, named ?? where) ?? (where === 'node' ? all.find(n => n.isHost) : undefined)
  if (!netns)
    throw inputError('--set', `no node or pod is called ${where}${didYouMean(where, namesOf(snapshot))}`)
  return [netns.name]
}

type Draft = { sysctl: Record<string, string>; sysctlAssumed?: Record<string, string>; modules?: string[] }

function loadBridgeNf(netns: Draft): void {
  const has = (key: string) =>
    Object.hasOwn(netns.sysctl, key) ||
    (netns.sysctlAssumed !== undefined && Object.hasOwn(netns.sysctlAssumed, key))
  for (const key of BRIDGE_NF) if (!has(key)) netns.sysctl[key] = '1'
  if (netns.modules && !netns.modules.includes('br_netfilter')) netns.modules.push('br_netfilter')
}

/**
 * Keys that change with one: ip_forward and conf.all.forwarding are one switch, and it sets every device's own
 * (net/ipv4/devinet.c devinet_sysctl_forward(), net/ipv6/addrconf.c addrconf_fixup_forwarding()).
 */
function writtenWith(netns: Draft, key: string): string[] {
  const v4 = key === 'net.ipv4.ip_forward' || key === 'net.ipv4.conf.all.forwarding'
  if (!v4 && key !== 'net.ipv6.conf.all.forwarding') return [key]
  const pattern = v4 ? /^net\.ipv4\.conf\..+\.forwarding$/ : /^net\.ipv6\.conf\..+\.forwarding$/
  const each = Object.keys(netns.sysctl).filter(k => pattern.test(k))
  return [...new Set([key, ...(v4 ? ['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding'] : []), ...each])]
}
