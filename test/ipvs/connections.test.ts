import { describe, expect, test } from 'vitest'
import { trace } from '../../src/talk/trace.js'
import { world } from './world.js'

const service = (flags: string, ...servers: string[]) =>
  [`TCP 10.96.0.10:80 rr ${flags}`, ...servers.map(s => `  -> ${s} 0 0`), ''].join('\n')
const connection = (text: string) => `TCP 01:30 ${text}\n`
const OLD = 'TIME_WAIT 10.96.0.10:41000 10.96.0.10:80 10.1.1.2:80'
const ask = (files: Record<string, string>, sysctl?: Record<string, number>) => {
  const { outcome, ipvs } = trace(world(files, sysctl), { src: 'n', dst: '10.96.0.10:80' })
  const to = ipvs.n?.filter(l => !l.includes(':0 ')).map(l => l.split(/\s+/).at(-1))
  return { outcome, to, ipvs: ipvs.n ?? [] }
}

describe('connections that were there before', () => {
  const both = service('', '10.1.1.2:80 Masq 1', '10.1.2.2:80 Masq 1')

  test('a live one goes on to its server, whatever the schedule', () => {
    const files = {
      'n/ipvsadm.txt': both,
      'n/ipvsadm-connections.txt': connection(
        OLD.replace('TIME_WAIT', 'SYN_RECV').replace('1.1.2:80', '1.2.2:80'),
      ),
    }
    expect(ask(files)).toMatchObject({ outcome: 'ok', to: ['10.1.2.2:80'] })
  })
  test('TIME_WAIT makes way for a SYN, unless conn_reuse_mode is 0', () => {
    const files = {
      'n/ipvsadm.txt': service('', '10.1.2.2:80 Masq 1', '10.1.1.2:80 Masq 1'),
      'n/ipvsadm-connections.txt': connection(OLD),
    }
    expect(ask(files).to).toEqual(['10.1.2.2:80'])
    expect(ask(files, { 'net.ipv4.vs.conn_reuse_mode': 0 }).to).toEqual(['10.1.1.2:80'])
  })
  test('a server that is gone swallows its clients, unless expire_nodest_conn is 1', () => {
    const files = {
      'n/ipvsadm.txt': service('', '10.1.2.2:80 Masq 1'),
      'n/ipvsadm-connections.txt': connection(OLD.replace('TIME_WAIT', 'ESTABLISHED')),
    }
    expect(ask(files).outcome).toBe('timeout')
    expect(ask(files, { 'net.ipv4.vs.expire_nodest_conn': 1 })).toMatchObject({
      outcome: 'ok',
      to: ['10.1.2.2:80'],
    })
  })
})

describe('persistence', () => {
  const template = connection('ASSURED 10.96.0.10:0 10.96.0.10:80 10.1.2.2:80')

  test('a template decides, and is renewed', () => {
    const files = {
      'n/ipvsadm.txt': service('persistent 300', '10.1.1.2:80 Masq 1', '10.1.2.2:80 Masq 1'),
      'n/ipvsadm-connections.txt': template,
    }
    expect(ask(files).to).toEqual(['10.1.2.2:80'])
    expect(ask(files).ipvs.find(l => l.includes(':0 '))).toMatch(/^TCP 04:5\d {2}ASSURED/)
  })
  test('weight 0 keeps its clients, unless expire_quiescent_template is 1', () => {
    const files = {
      'n/ipvsadm.txt': service('persistent 300', '10.1.1.2:80 Masq 1', '10.1.2.2:80 Masq 0'),
      'n/ipvsadm-connections.txt': template,
    }
    expect(ask(files).to).toEqual(['10.1.2.2:80'])
    expect(ask(files, { 'net.ipv4.vs.expire_quiescent_template': 1 }).to).toEqual(['10.1.1.2:80'])
  })
})

test('nat_icmp_send tells a real server that nobody asked it', () => {
  const files = { 'n/ipvsadm.txt': service('', '10.1.1.2:80 Masq 1') }
  const direct = (sysctl: Record<string, number>) =>
    trace(world(files, sysctl), { src: 'p2', dst: '10.1.1.2:80' })
  expect(direct({}).outcome).toBe('ok')
  const told = direct({ 'net.ipv4.vs.nat_icmp_send': 1 })
  expect(told.outcome).toBe('timeout')
  expect(told.packets.some(p => p.summary.includes('10.1.1.1 > 10.1.1.2 port-unreachable'))).toBe(true)
})

describe('whose turn it is, a dump does not tell', () => {
  const files = (scheduler: string) => ({
    'n/ipvsadm.txt': service('', '10.1.1.2:80 Masq 2', '10.1.2.2:80 Masq 1').replace(
      ' rr ',
      ` ${scheduler} `,
    ),
  })
  test.each(['rr', 'wrr', 'lc', 'nq'])(
    '%s: each server can be chosen, the first is the default',
    scheduler => {
      const snapshot = world(files(scheduler))
      const to = (choose: readonly number[]) => {
        const talk = trace(snapshot, { src: 'n', dst: '10.96.0.10:80' }, { choose })
        expect(talk.choices).toMatchObject([{ options: 2, taken: choose[0] ?? 0 }])
        return talk.seenByServer?.netns
      }
      expect([to([]), to([0]), to([1])]).toEqual(['p1', 'p1', 'p2'])
    },
  )
  test('a server that has the least cost alone is no choice', () => {
    expect(trace(world(files('sed')), { src: 'n', dst: '10.96.0.10:80' }).choices).toEqual([])
  })
})

describe('templates of persistent clients', () => {
  const udp = (port: number) =>
    trace(
      world({
        'n/ipvsadm.txt': 'UDP 10.96.0.10:53 rr persistent 300\n  -> 10.1.1.2:53 Masq 1 0 0\n',
        'n/netns/p1/ss.txt': `udp UNCONN 0 0 0.0.0.0:${port} 0.0.0.0:*\n`,
      }),
      { src: 'n', dst: '10.96.0.10:53', proto: 'udp' },
    )
  test('are sure once UDP is answered', () => {
    const template = (talk: ReturnType<typeof udp>) => talk.ipvs.n?.find(l => /:0 +10\.96/.test(l))
    expect(template(udp(53))).toMatch(/UDP .* ASSURED/)
    expect(template(udp(54))).toMatch(/UDP .* NONE/)
  })
})

test.each([
  ['rr', '10.1.1.2:8080', '10.1.1.2:8080'],
  ['rr', '10.1.1.2:0', '10.1.1.2:90'],
  ['rr persistent 300', '10.1.1.2:8080', '10.1.1.2:90'],
])('a Service by firewall mark (%s) with a real server %s: %s', (scheduler, server, to) => {
  const files = {
    'n/ipvsadm.txt': `FWM 1 ${scheduler}\n  -> ${server} Masq 1 0 0\n`,
    'n/iptables-save.txt':
      '*mangle\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -d 10.96.0.10/32 -j MARK --set-xmark 0x1/0xffffffff\nCOMMIT\n',
  }
  const { ipvs } = trace(world(files), { src: 'n', dst: '10.96.0.10:90' })
  expect(ipvs.n?.filter(l => !l.startsWith('IP')).map(l => l.split(/\s+/).at(-1))).toEqual([to])
})
