import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readSnapshotFiles } from '../../src/node/read-snapshot.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { trace } from '../../src/talk/trace.js'
import type { PacketTrace } from '../../src/trace/events.js'

interface Said {
  readonly title: string
  readonly from: string
  readonly to: string
  readonly outcome: string
  readonly seen: string
  readonly conntrack: Readonly<Record<string, readonly string[]>>
}
const folder = (name: string) => new URL(`../../scenarios/${name}/`, import.meta.url).pathname
const load = async (name: string) => loadSnapshot(await readSnapshotFiles(folder(name)))
const said = (name: string): readonly Said[] =>
  JSON.parse(readFileSync(`${folder(name)}kernel.json`, 'utf8')).seen
/** Both tuples without the ports that chance draws; the wrapping's entries have a port by a hash. */
const ends = (lines: readonly string[] = []) =>
  lines
    .filter(line => !line.includes('dport=8472'))
    .map(line => [...line.matchAll(/(?:src|dst)=(\S+)/g)].map(m => m[1]).join(' '))

describe.each([
  '04-pod-to-host',
  '04-pod-to-host-firewalled',
  '04-pod-to-host-forward-drop',
  '04-pod-to-host-pods-only',
])('%s', name => {
  test.each(said(name).map(row => [row.title, row] as const))('%s', async (_, row) => {
    const world = await load(name)
    // the dump was taken while others talked; the questions were asked of empty tables
    const empty = {
      ...world,
      nodes: world.nodes.map(n => ({ ...n, namespaces: n.namespaces.map(s => ({ ...s, conntrack: [] })) })),
    }
    const talk = trace(empty, { src: row.from, dst: row.to })
    expect(talk.outcome).toBe(row.outcome)
    if (row.outcome === 'ok') expect(talk.seenByServer?.address).toBe(row.seen)
    // connections of earlier questions may have spoken up again in the recording
    for (const host of ['hosta', 'hostb'])
      expect(ends(row.conntrack[host])).toEqual(expect.arrayContaining(ends(talk.conntrack[host])))
  })
})

/** Hooks of a namespace and the tables with an event there, in the order in which the packet meets them. */
function order(packet: PacketTrace | undefined, netns: string): string[] {
  const found: string[] = []
  for (const event of packet?.events ?? []) {
    if (event.netns !== netns) continue
    const at =
      event.kind === 'hook'
        ? event.hook
        : event.kind === 'rule' || event.kind === 'policy'
          ? event.table
          : event.kind === 'conntrack' && event.action !== 'confirm'
            ? 'conntrack'
            : event.kind === 'route'
              ? `route: ${event.result}`
              : undefined
    if (at !== undefined && at !== found.at(-1)) found.push(at)
  }
  return found
}

test('the order of tables on the way in and on the way back, on the same host', async () => {
  const { packets } = trace(await load('04-pod-to-host'), { src: 'pod', dst: 'etcd' })
  expect(order(packets[0], 'hosta')).toEqual(
    ['PREROUTING', 'conntrack', 'mangle', 'nat', 'route: local', 'INPUT', 'mangle', 'filter', 'nat'].flat(),
  )
  // the nat tables are consulted for the first packet only
  expect(order(packets[1], 'hosta')).toEqual([
    ...['OUTPUT', 'conntrack', 'mangle', 'filter', 'POSTROUTING', 'mangle'],
  ])
  expect(packets.every(p => p.events.every(e => e.kind !== 'hook' || e.hook !== 'FORWARD'))).toBe(true)
})

test('from the other host it leaves by the uplink, not through VXLAN', async () => {
  const { packets, captures } = trace(await load('04-pod-to-host'), { src: 'other', dst: 'etcd' })
  expect(packets.every(p => p.carries === undefined)).toBe(true)
  expect(captures.some(c => c.netns === 'hostb' && c.iface === 'flannel.1')).toBe(false)
  const between = trace(await load('04-pod-to-host'), { src: 'other', dst: 'apppod' })
  expect(between.packets.some(p => p.carries !== undefined)).toBe(true)
})

test('a full table drops before any rule sees the packet', async () => {
  const world = await load('04-pod-to-host')
  const full = {
    ...world,
    nodes: world.nodes.map(n => ({
      ...n,
      namespaces: n.namespaces.map(s => ({
        ...s,
        sysctl: { ...s.sysctl, 'net.netfilter.nf_conntrack_max': '3' },
      })),
    })),
  }
  const { outcome, packets } = trace(full, { src: 'pod', dst: 'etcd' })
  expect(outcome).toBe('timeout')
  expect(order(packets[0], 'hosta')).toEqual(['PREROUTING', 'conntrack'])
})
