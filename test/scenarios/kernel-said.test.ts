import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../../src/model/snapshot.js'
import { readSnapshotFiles } from '../../src/node/read-snapshot.js'
import { parsePacketFilter } from '../../src/render/packet-filter.js'
import { renderConntrack, renderIpvs } from '../../src/render/conntrack.js'
import { parseCapture, renderTcpdump } from '../../src/render/tcpdump.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { withSysctl } from '../../src/snapshot/with-sysctl.js'
import type { FlowProto } from '../../src/talk/conversation.js'
import { trace } from '../../src/talk/trace.js'

interface Said {
  readonly when: string
  readonly title: string
  readonly from: string
  readonly to: string
  readonly port: number
  readonly proto: FlowProto
  readonly sport: number
  readonly outcome: string
  readonly seen: string
  readonly conntrack: readonly string[]
  readonly ipvs: readonly string[]
}
const folder = (name: string) => new URL(`../../scenarios/${name}/`, import.meta.url).pathname
const load = async (name: string) => loadSnapshot(await readSnapshotFiles(folder(name)))
const said = (name: string): readonly Said[] =>
  JSON.parse(readFileSync(`${folder(name)}kernel.json`, 'utf8')).seen

const IPTABLES = 'node1:net.bridge.bridge-nf-call-iptables=1'
const IP6TABLES = 'node1:net.bridge.bridge-nf-call-ip6tables=1'
/** Recording, what it calls a state, the scenario that has this state, and what must be set in it. */
const WORLDS: readonly (readonly [
  recording: string,
  when: string,
  scenario: string,
  set: readonly string[],
])[] = [
  ['01-after-the-upgrade', 'before', '01-after-the-upgrade', []],
  ['01-after-the-upgrade', 'br_netfilter loaded', '01-after-the-upgrade', [IPTABLES]],
  ['01-after-the-upgrade', 'and the left-over rule deleted', '01-after-the-upgrade-mended', []],
  ['03-the-short-cut', 'before', '03-the-short-cut', []],
  ['03-the-short-cut', 'bridge-nf-call-iptables 1', '03-the-short-cut', [IPTABLES]],
  ['03-the-short-cut', 'after', '03-the-short-cut', [IPTABLES]],
  ['03-the-short-cut', 'bridge-nf-call-ip6tables 1 as well', '03-the-short-cut', [IPTABLES, IP6TABLES]],
  ['05-service-cidr-inside', 'inside', '05-service-cidr-inside', []],
  ['05-service-cidr-apart', 'apart', '05-service-cidr-apart', []],
  ['05-service-cidr-snat', 'snat', '05-service-cidr-snat', []],
]
/** Clock, state and ports that chance draws differ from run to run; whose connection it is does not. */
const addresses = (line: string) => [...line.matchAll(/(?:src|dst)=(\S+)/g)].map(m => m[1]).join(' ')
const ends = (line: string) => line.trim().split(/\s+/).slice(3).join(' ')

describe.each(WORLDS)('%s, %s', (recording, when, scenario, set) => {
  test.each(said(recording).filter(row => row.when === when))('$title', async row => {
    const snapshot = set.reduce<Snapshot>(withSysctl, await load(scenario))
    const { from, to, port, proto, sport } = row
    const talk = trace(snapshot, { src: from, dst: to, dport: port, proto, sport })
    expect(talk.outcome).toBe(row.outcome)
    if (row.seen) expect(talk.seenByServer?.address).toBe(row.seen)
    const node = snapshot.nodes.find(n => n.namespaces.some(ns => ns.name === from))!.name
    const ours = (lists: Readonly<Record<string, readonly string[]>>) =>
      (lists[node] ?? []).filter(line => line.includes(String(sport)))
    expect(ours(talk.conntrack).map(addresses).sort()).toEqual(row.conntrack.map(addresses).sort())
    expect(ours(talk.ipvs).map(ends).sort()).toEqual(row.ipvs.map(ends).sort())
  })
})

test('story 3: the entry that conntrack keeps, and the connection that IPVS keeps, word for word', async () => {
  const talk = trace(await load('03-the-short-cut'), { src: 'pod', dst: 'svc', sport: 56916 })
  expect(renderConntrack(talk)).toBe(
    'tcp      6 119 SYN_SENT src=10.224.1.34 dst=10.233.53.172 sport=56916 dport=8080 [UNREPLIED] src=10.224.1.56 dst=10.224.1.34 sport=8080 dport=56916 mark=0 use=1\n',
  )
  const kernel = said('03-the-short-cut')[0]!.ipvs[0]!
  expect(renderIpvs(talk).split('\n')[2]).toBe(kernel.replace(/00:5\d/, '00:59'))
})

/** Times and sequence numbers are the machine's own. */
const plain = (text: string) =>
  text
    .replace(/^\d\d:\d\d:\d\d\.\d+ (\S+ +(In|Out) +)?/gm, '')
    .replace(/(seq|ack|win) \d+, /g, '')
    .replace(/\.\d{5}(?=[ :])/g, '.PORT')
    .trim()
    .split('\n')

describe('captures beside those of tcpdump', () => {
  test('story 1: filtered by the Service there is silence, unfiltered there is the reason', async () => {
    const talk = trace(await load('01-after-the-upgrade'), { src: 'pod', dst: 'svc' })
    const at = parseCapture('api-7f6b8d7d5f-m9l5t:eth0')
    const filtered = renderTcpdump(talk, at, parsePacketFilter('host 10.233.42.160'))
    expect(filtered.match(/^[\d:]{8}/gm)).toEqual(
      ['00', '01', '03', '07', '15', '31'].map(s => `00:00:${s}`).concat('00:01:03'),
    )
    const recorded = (name: string) => plain(readFileSync(`${folder('01-after-the-upgrade')}${name}`, 'utf8'))
    // the kernel's client gave up after 8 s: four SYNs
    expect(plain(filtered).slice(0, 4)).toEqual(recorded('capture-filtered.txt'))
    expect(plain(renderTcpdump(talk, at)).slice(0, 12)).toEqual(recorded('capture-unfiltered.txt'))
  })
  test('story 3 and 5', async () => {
    const short = trace(await load('03-the-short-cut'), { src: 'pod', dst: 'svc' }, { retries: 1 })
    expect(plain(renderTcpdump(short, parseCapture('gateway-7c9f8b6f6d-kx2rm:eth0')))).toEqual(
      plain(readFileSync(`${folder('03-the-short-cut')}capture-before.txt`, 'utf8')),
    )
    const inside = trace(await load('05-service-cidr-inside'), { src: 'node1', dst: 'far' }, { retries: 1 })
    expect(plain(renderTcpdump(inside, parseCapture('web-6c9d6c9d7b-pt8lr:eth0')))).toEqual(
      plain(readFileSync(`${folder('05-service-cidr-inside')}capture-backend.txt`, 'utf8')),
    )
  })
})
