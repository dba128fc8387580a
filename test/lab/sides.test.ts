import { describe, expect, test } from 'vitest'
import { compare, entryKey, withoutChancePorts } from '../../src/lab/compare.js'
import { draftOf, rulesOf, snapshotOf, withoutRules } from '../../src/lab/fuzz/draft.js'
import { Random } from '../../src/lab/fuzz/random.js'
import { makingsOf, planSpace } from '../../src/lab/plan.js'
import { standIns } from '../../src/lab/stand-ins.js'
import { passesOf } from '../../src/lab/read-trace.js'
import { RecordingDriver } from '../../src/lab/recording-driver.js'
import { SimulatorDriver } from '../../src/lab/simulator-driver.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { namespacesOf } from '../../src/snapshot/names.js'
import { resolveFlow } from '../../src/talk/resolve-flow.js'
import { packedCases } from '../agreement/cases.js'

describe('the lab, without a kernel', () => {
  test('the same seed draws the same world, and nfsim reads it', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const draft = draftOf(seed, 4)
      const again = draftOf(seed, 4)
      expect(again.flows).toEqual(draft.flows)
      expect(again.files.get('node/iptables-save.txt')).toBe(draft.files.get('node/iptables-save.txt'))
      const snapshot = snapshotOf(draft.files)
      const files = new Set(snapshot.problems.filter(p => p.severity === 'error').map(p => p.file))
      expect([...files].filter(file => !/tables-save/.test(file))).toEqual([])
      for (const flow of draft.flows) expect(() => resolveFlow(snapshot, flow)).not.toThrow()
    }
  })

  test('rules are taken out one by one', () => {
    const { files } = draftOf(7, 1)
    const all = rulesOf(files)
    const gone = all[0]!
    const left = rulesOf(withoutRules(files, (file, line) => file === gone.file && line === gone.line))
    expect(left).toEqual(all.slice(1))
  })

  test('chance with a seed is spread evenly', () => {
    const random = new Random(9)
    const seen = [0, 0, 0, 0]
    for (let i = 0; i < 4000; i++) seen[random.below(4)]!++
    for (const count of seen) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })

  test('a plan makes devices in their order, and says what it cannot make', () => {
    const { files } = packedCases('kernel-cases').find(c => c.name === 'bridge-300002')!
    const snapshot = loadSnapshot(files)
    const made = makingsOf(snapshot).flatMap(m =>
      'line' in m ? [m.line.split(' ')[2]] : [m.ends[m.at]!.iface],
    )
    expect(made.slice(0, 5)).toEqual(['cni0', 'vetha', 'vethb', 'vethc', 'eth0'])
    expect(standIns(snapshot)).toEqual([])
    const plan = planSpace(namespacesOf(snapshot)[0]!)
    expect(plan.ip).toContain('link set vetha master cni0')
    expect(plan.ip).toContain('-4 route append default via 192.168.50.20 dev eth0')
    expect(plan.ipset).toContain('add NETS 203.0.113.0/24\n')
  })

  test("a packet's way is found though the trace's id changes on it", () => {
    const head = 'SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x0 TTL=64 ID=7 DF SPORT=41000 DPORT=80 SYN '
    const text = `PACKET: 2 aaaa0001 IN=eth0 ${head}
 TRACE: 2 aaaa0001 raw:PREROUTING:rule:0x3:CONTINUE  -4 -t raw -A PREROUTING -j TRACE
 TRACE: 2 aaaa0001 raw:PREROUTING:policy:ACCEPT 
PACKET: 2 bbbb0002 IN=eth0 OUT=eth1 ${head}
 TRACE: 2 bbbb0002 filter:FORWARD:rule:0x5:0xfffffffb  -4 -t filter -A FORWARD -j RETURN
`
    expect(passesOf('n', text)).toEqual([
      {
        netns: 'n',
        packet: '10.0.0.1:41000>10.0.0.2:80 SYN',
        steps: [
          'raw | PREROUTING | rule | CONTINUE | -A PREROUTING -j TRACE',
          'raw | PREROUTING | policy | ACCEPT',
          'filter | FORWARD | rule | RETURN | -A FORWARD -j RETURN',
        ],
      },
    ])
  })

  test('what empty chains do has no packet with it, and is told apart from what an id stood for before', () => {
    const head = (id: number) =>
      `SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x0 TTL=64 ID=${id} DF SPORT=41000 DPORT=80 SYN `
    const text = `PACKET: 2 aaaa0001 IN=eth0 ${head(7)}
 TRACE: 2 aaaa0001 raw:PREROUTING:rule:0x3:CONTINUE  -4 -t raw -A PREROUTING -j TRACE
PACKET: 2 bbbb0002 IN=eth0 ${head(8)}
 TRACE: 2 bbbb0002 raw:PREROUTING:rule:0x3:CONTINUE  -4 -t raw -A PREROUTING -j TRACE
 TRACE: 2 aaaa0001 mangle:FORWARD:return:
 TRACE: 2 aaaa0001 mangle:FORWARD:policy:ACCEPT 
PACKET: 2 aaaa0001 IN=eth0 OUT=eth1 ${head(8)}
PACKET: 2 cccc0003 OUT=eth0 ${head(9)}
 TRACE: 2 cccc0003 raw:OUTPUT:rule:0x4:CONTINUE  -4 -t raw -A OUTPUT -j TRACE
 TRACE: 2 aaaa0001 filter:FORWARD:rule:0x5:DROP  -4 -t filter -A FORWARD -j REJECT
 TRACE: 2 cccc0003 mangle:OUTPUT:policy:ACCEPT 
`
    expect(
      passesOf('n', text).map(pass => pass.steps.map(s => s.split(' | ').slice(0, 2).join(' '))),
    ).toEqual([
      ['raw PREROUTING'],
      ['raw PREROUTING', 'mangle FORWARD', 'filter FORWARD'],
      ['raw OUTPUT', 'mangle OUTPUT'],
    ])
  })

  test('ids of packets before are used again', () => {
    const heads = [7, 8].map(
      id => `SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x0 TTL=64 ID=${id} DF SPORT=41000 DPORT=80 SYN `,
    )
    const way = heads.map(
      head => `PACKET: 2 aaaa0001 IN=eth0 ${head}
 TRACE: 2 aaaa0001 raw:PREROUTING:rule:0x3:CONTINUE  -4 -t raw -A PREROUTING -j TRACE
PACKET: 2 bbbb0002 IN=eth0 ${head}
 TRACE: 2 bbbb0002 mangle:INPUT:policy:ACCEPT 
PACKET: 2 bbbb0002 IN=eth0 ${head}
 TRACE: 2 bbbb0002 filter:INPUT:policy:ACCEPT 
`,
    )
    expect(passesOf('n', way.join('')).map(pass => pass.steps.length)).toEqual([3, 3])
  })

  test('what nothing tells of is for the packet that may come to that chain next', () => {
    const head = (id: number, ends: string) => `${ends} LEN=60 TOS=0x0 TTL=64 ID=${id} DF `
    const there = 'SRC=10.0.0.1 DST=10.0.0.2 SPORT=41000 DPORT=80 '
    const begins = (id: string, chain: string, of: string) => `PACKET: 2 ${id} X ${of}
 TRACE: 2 ${id} raw:${chain}:rule:0x3:CONTINUE  -4 -t raw -A ${chain} -j TRACE
`
    const policies = (id: string, ...chains: readonly string[]) =>
      chains.map(chain => ` TRACE: 2 ${id} ${chain}:policy:ACCEPT \n`).join('')
    const counts = (text: string) => passesOf('n', text).map(pass => pass.steps.length)
    // both ids of the first packet come again with another one, twice
    const again = [7, 8, 9].map(
      id =>
        begins('aaaa0001', 'PREROUTING', head(id, there)) +
        policies('bbbb0002', 'mangle:INPUT', 'filter:INPUT'),
    )
    expect(counts(again.join(''))).toEqual([3, 3, 3])
    // a redirect is sent in the middle of a packet's way
    const redirect = begins('cccc0003', 'OUTPUT', head(5, 'SRC=10.0.0.254 DST=10.0.0.1'))
    const between =
      begins('aaaa0001', 'PREROUTING', head(7, there)) +
      redirect +
      policies('cccc0003', 'filter:OUTPUT', 'mangle:POSTROUTING') +
      policies('dddd0004', 'mangle:FORWARD', 'filter:FORWARD', 'mangle:POSTROUTING')
    expect(counts(between)).toEqual([4, 3])
  })

  test('a copy may get the id that the question before had', () => {
    const head = 'SRC=fd00::a DST=ff02::1:ff00:1 LEN=52 TC=0 HOPLIMIT=255 FLOWLBL=0 '
    const asked = (id: string, copy: string) => `PACKET: 10 ${id} IN=br0 ${head}
 TRACE: 10 ${id} raw:PREROUTING:rule:0x3:CONTINUE  -6 -t raw -A PREROUTING -j TRACE
PACKET: 10 ${copy} IN=br0 OUT=br0 ${head}
 TRACE: 10 ${copy} filter:FORWARD:policy:ACCEPT 
`
    const text = asked('aaaa0001', 'bbbb0002') + asked('cccc0003', 'aaaa0001')
    expect(passesOf('n', text).map(pass => pass.steps.length)).toEqual([2, 2])
  })

  test('entries are alike whatever time has done to them; ports by chance too', () => {
    const line = (left: number, port: number) =>
      `tcp      6 ${left} SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=41000 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.9 sport=80 dport=${port} mark=0 use=1`
    expect(entryKey(line(119, 2000))).toBe(entryKey(line(118, 2000)))
    const one = {
      outcome: 'ok' as const,
      because: '',
      conntrack: { n: [line(1, 2000)] },
      seen: '10.0.0.9 2000',
    }
    const two = {
      outcome: 'ok' as const,
      because: '',
      conntrack: { n: [line(1, 3000)] },
      seen: '10.0.0.9 3000',
    }
    const chance = ['src-nat port by chance from 2000-4000']
    expect(withoutChancePorts(one, two, chance)).toEqual(withoutChancePorts(two, one, chance))
    expect(withoutChancePorts(one, two, chance).seen).toBe('10.0.0.9 ?')
    expect(withoutChancePorts(one, one, chance)).toEqual(one)
    expect(withoutChancePorts(one, two, ['src-nat port by chance from 3000-4000'])).toEqual(one)
  })

  test('the recording and the simulator say the same', async () => {
    const { files, flows } = packedCases('kernel-cases').find(c => c.name === 'kube-300001')!
    const snapshot = loadSnapshot(files)
    const sides = [new SimulatorDriver(), new RecordingDriver(flows)] as const
    for (const side of sides) await side.load(snapshot)
    for (const { src, dst, proto, dport, sport } of flows) {
      const flow = resolveFlow(snapshot, { src, dst, proto, dport, sport })
      expect(compare(flow, await sides[0].ask(flow), await sides[1].ask(flow))).toEqual([])
    }
    const other = resolveFlow(snapshot, { src: 'a', dst: '10.9.9.9', dport: 1 })
    await expect(sides[1].ask(other)).rejects.toThrow('was not recorded')
  })
})
