import { describe, expect, test } from 'vitest'
import { conntrackIn } from '../../src/conntrack/conntrack-in.js'
import { templateEntry, type Zone } from '../../src/conntrack/entry.js'
import { conntrackLine } from '../../src/conntrack/print-entry.js'
import { SCTP_CHUNK } from '../../src/conntrack/state-sctp.js'
import { TCP } from '../../src/model/packet.js'
import { scripted } from '../../src/run/chooser.js'
import { hereOf } from '../../src/run/here.js'
import { RunState } from '../../src/run/run-state.js'
import { World } from '../../src/world/world.js'
import { router, table } from '../worlds/router.js'
import { packet } from '../xtables/targets/env.js'

/** A tracker that is fed packets by hand: what `conntrack -L` printed after each, on Linux 6.18 with packets made by hand. */
function tracker(more: { sysctl?: string; conntrack?: string } = {}, choose: readonly number[] = []) {
  const run = new RunState(World.of(router(table('filter', []), more)), scripted(choose), false)
  const here = hereOf(run, 'node', run.trail.open('original', 'by hand', 0))
  const state = () => here.state.conntrack
  return {
    here,
    wait: (seconds: number) => {
      run.now += seconds
    },
    /** A packet from the client (or the server); what it is to conntrack. */
    send(from: 'client' | 'server', fields: Parameters<typeof packet>[0] = {}, zone?: Zone): string {
      const ends =
        from === 'client' ? { from: '10.1.0.2', to: '10.2.0.2' } : { from: '10.2.0.2', to: '10.1.0.2' }
      const ports = from === 'client' ? { sport: 4000, dport: 80 } : { sport: 80, dport: 4000 }
      run.now += 0.001
      const template = zone && {
        ct: {
          kind: 'template' as const,
          entry: templateEntry('ipv4'),
          zone: zone.id,
          ...(zone.only ? { zoneOnly: zone.only } : {}),
        },
      }
      const skb = {
        packet: packet({ ...ends, ...ports, ...fields }),
        mark: 0,
        priority: 0,
        pktType: 'host' as const,
      }
      const done = conntrackIn({ ...skb, ...template }, here)
      if (done.verdict === 'DROP') return 'DROP'
      const { ct } = done.skb
      if (ct?.kind !== 'tracked') return ct?.kind ?? 'INVALID'
      if (!ct.entry.confirmed && !ct.entry.dying) state().confirm(ct.entry, run.now)
      return ct.info.replace('_REPLY', '')
    },
    lines: () =>
      state()
        .list(run.now)
        .map(e => conntrackLine(e, run.now)),
    /** State and seconds left. */
    short: () =>
      state()
        .list(run.now)
        .map(e => {
          const [, , left, word] = conntrackLine(e, run.now).split(/\s+/)
          return `${word?.includes('=') ? '' : `${word} `}${left}${e.assured ? ' ASSURED' : ''}`
        })
        .join(),
  }
}
const SYN = { tcpFlags: TCP.SYN }
const SYNACK = { tcpFlags: TCP.SYN | TCP.ACK }
const ACK = { tcpFlags: TCP.ACK }
const RST = { tcpFlags: TCP.RST }
const DATA = { tcpFlags: TCP.PSH | TCP.ACK, payload: 1 }
const FIN = { tcpFlags: TCP.FIN | TCP.ACK }
const udp = { proto: 17 }
const sctp = (type: number) => ({ proto: 132, sctpChunks: [{ type }] })

describe('TCP', () => {
  const open = () => {
    const t = tracker()
    t.send('client', SYN)
    t.send('server', SYNACK)
    t.send('client', ACK)
    return t
  }
  test('a connection picked up in the middle is kept for 300 s until both sides have spoken', () => {
    const t = tracker()
    expect(t.send('client', ACK)).toBe('NEW')
    expect(t.short()).toBe('ESTABLISHED 299')
    t.send('server', DATA)
    expect(t.short()).toBe('ESTABLISHED 299')
    t.send('client', ACK)
    expect(t.short()).toBe('ESTABLISHED 431999 ASSURED')
  })
  test('nothing is picked up with nf_conntrack_tcp_loose 0', () => {
    const t = tracker({ sysctl: 'net.netfilter.nf_conntrack_tcp_loose = 0\n' })
    expect(t.send('client', ACK)).toBe('INVALID')
    expect(t.send('client', SYN)).toBe('NEW')
  })
  test.each([
    ['SYN-ACK', SYNACK],
    ['FIN', FIN],
    ['RST', RST],
  ])('a %s begins nothing', (_, flags) => {
    const t = tracker()
    expect(t.send('client', flags)).toBe('INVALID')
    expect(t.lines()).toEqual([])
  })
  test('a SYN into an open connection passes; the SYN-ACK to it begins a new one under the same entry', () => {
    const t = open()
    expect(t.short()).toBe('ESTABLISHED 431999 ASSURED')
    expect(t.send('client', SYN)).toBe('ESTABLISHED')
    expect(t.short()).toBe('ESTABLISHED 431999 ASSURED')
    t.send('server', SYNACK)
    expect(t.short()).toBe('SYN_RECV 59 ASSURED')
    t.send('client', ACK)
    expect(t.short()).toBe('ESTABLISHED 431999 ASSURED')
    t.send('client', DATA)
    expect(t.short()).toBe('ESTABLISHED 299 ASSURED')
  })
  test('after FINs a SYN opens anew; after the reset of the other side it does not', () => {
    const t = open()
    t.send('client', FIN)
    expect(t.short()).toBe('FIN_WAIT 119 ASSURED')
    t.send('server', ACK)
    expect(t.short()).toBe('CLOSE_WAIT 59 ASSURED')
    t.send('server', FIN)
    expect(t.short()).toBe('LAST_ACK 29 ASSURED')
    t.send('client', ACK)
    expect(t.short()).toBe('TIME_WAIT 119 ASSURED')
    expect(t.send('client', SYN)).toBe('NEW')
    expect(t.short()).toBe('SYN_SENT 119')

    const reset = open()
    reset.send('server', RST)
    expect(reset.short()).toBe('CLOSE 9 ASSURED')
    expect(reset.send('client', SYN)).toBe('ESTABLISHED')
    expect(reset.short()).toBe('CLOSE 9 ASSURED')
  })
  test('a refused connection is forgotten at once', () => {
    const t = tracker()
    t.send('client', SYN)
    expect(t.send('server', { tcpFlags: TCP.RST | TCP.ACK })).toBe('ESTABLISHED')
    expect(t.lines()).toEqual([])
  })
  test('both at once', () => {
    const t = tracker()
    t.send('client', SYN)
    t.send('server', SYN)
    expect(t.short()).toBe('SYN_SENT2 119')
    t.send('server', SYNACK)
    t.send('client', SYNACK)
    expect(t.short()).toBe('SYN_RECV 59')
  })
})

describe('UDP', () => {
  test('a stream is what still talks after two seconds', () => {
    const t = tracker()
    t.send('client', udp)
    t.send('server', udp)
    t.send('client', udp)
    expect(t.short()).toBe('29')
    t.wait(2.2)
    t.send('client', udp)
    expect(t.short()).toBe('119 ASSURED')
  })
  test('sysctls say how long', () => {
    const t = tracker({ sysctl: 'net.netfilter.nf_conntrack_udp_timeout = 7\n' })
    t.send('client', udp)
    expect(t.short()).toBe('6')
    t.wait(8)
    expect(t.lines()).toEqual([])
    expect(t.send('server', udp)).toBe('NEW')
  })
  test('UDP-lite is a stream with its first answer', () => {
    const t = tracker()
    t.send('client', { proto: 136 })
    t.send('server', { proto: 136 })
    t.send('client', { proto: 136 })
    expect(t.short()).toBe('119 ASSURED')
  })
})

describe('SCTP', () => {
  test('the life of an association', () => {
    const t = tracker()
    const seen = [
      ['client', SCTP_CHUNK.init],
      ['server', SCTP_CHUNK.initAck],
      ['client', SCTP_CHUNK.cookieEcho],
      ['server', SCTP_CHUNK.cookieAck],
      ['client', SCTP_CHUNK.data],
      ['server', SCTP_CHUNK.sack],
      ['client', SCTP_CHUNK.shutdown],
      ['server', SCTP_CHUNK.shutdownAck],
      ['client', SCTP_CHUNK.shutdownComplete],
    ].map(([who, chunk]) => {
      t.send(who as 'client', sctp(chunk as number))
      return t.short()
    })
    expect(seen).toEqual([
      'CLOSED 9',
      'COOKIE_WAIT 2',
      'COOKIE_ECHOED 2',
      'ESTABLISHED 209 ASSURED',
      'ESTABLISHED 209 ASSURED',
      'ESTABLISHED 209 ASSURED',
      'SHUTDOWN_SENT 2 ASSURED',
      'SHUTDOWN_ACK_SENT 2 ASSURED',
      'CLOSED 9 ASSURED',
    ])
  })
  test('data begins nothing, a heartbeat does', () => {
    const t = tracker()
    expect(t.send('client', sctp(SCTP_CHUNK.data))).toBe('INVALID')
    expect(t.send('client', sctp(SCTP_CHUNK.heartbeat))).toBe('NEW')
    expect(t.short()).toBe('HEARTBEAT_SENT 29')
    t.send('server', sctp(SCTP_CHUNK.heartbeatAck))
    expect(t.short()).toBe('ESTABLISHED 209 ASSURED')
  })
})

describe('zones', () => {
  const line = (rest: string) => [`udp      17 29 src=10.1.0.2 dst=10.2.0.2 sport=4000 dport=80 ${rest}`]
  test('both directions', () => {
    const t = tracker()
    t.send('client', udp, { id: 5 })
    expect(t.lines()).toEqual(
      line('[UNREPLIED] src=10.2.0.2 dst=10.1.0.2 sport=80 dport=4000 mark=0 zone=5 use=1'),
    )
    expect(t.send('server', udp)).toBe('NEW')
    expect(t.send('server', udp, { id: 5 })).toBe('ESTABLISHED')
  })
  test('--zone-orig counts in the original direction: the reply comes in zone 0', () => {
    const t = tracker()
    t.send('client', udp, { id: 7, only: 'original' })
    expect(t.lines()).toEqual(
      line('zone-orig=7 [UNREPLIED] src=10.2.0.2 dst=10.1.0.2 sport=80 dport=4000 mark=0 use=1'),
    )
    expect(t.send('server', udp)).toBe('ESTABLISHED')
  })
  test('--zone-reply on the reply alone makes a connection of its own', () => {
    const t = tracker()
    t.send('client', udp)
    expect(t.send('server', udp, { id: 9, only: 'reply' })).toBe('NEW')
    expect(t.lines()).toHaveLength(2)
  })
  test('--zone-reply on the request, and the reply in that zone', () => {
    const t = tracker()
    t.send('client', udp, { id: 9, only: 'reply' })
    expect(t.send('server', udp, { id: 9 })).toBe('ESTABLISHED')
    expect(t.lines()).toEqual(line('src=10.2.0.2 dst=10.1.0.2 sport=80 dport=4000 zone-reply=9 mark=0 use=1'))
  })
})

describe('a full table', () => {
  const entries = (count: number, assured: boolean) =>
    Array.from(
      { length: count },
      (_, i) =>
        `tcp 6 300 ESTABLISHED src=10.9.0.${i} dst=10.9.1.1 sport=5 dport=6 src=10.9.1.1 dst=10.9.0.${i} sport=6 dport=5 ${assured ? '[ASSURED] ' : ''}mark=0 use=1\n`,
    ).join('')
  const limits = (max: number, buckets: number) =>
    `net.netfilter.nf_conntrack_max = ${max}\nnet.netfilter.nf_conntrack_buckets = ${buckets}\n`
  test('what is in it lives, what is new dies', () => {
    const t = tracker({
      sysctl: limits(3, 65536),
      conntrack:
        entries(2, true) +
        'udp 17 20 src=10.1.0.2 dst=10.2.0.2 sport=4000 dport=80 src=10.2.0.2 dst=10.1.0.2 sport=80 dport=4000 mark=0 use=1\n',
    })
    expect(t.send('client', SYN)).toBe('DROP')
    expect(t.send('client', udp)).toBe('ESTABLISHED')
  })
  test('entries whose time is over make room', () => {
    const t = tracker({ sysctl: limits(2, 65536), conntrack: entries(2, true) })
    t.wait(301)
    expect(t.send('client', SYN)).toBe('NEW')
  })
  test('in a small hash one without ASSURED gives way, unless chance will have it otherwise', () => {
    const world = { sysctl: limits(20, 64), conntrack: entries(20, false) }
    const t = tracker(world)
    expect(t.send('client', SYN)).toBe('NEW')
    expect(t.lines()).toHaveLength(20)
    expect(tracker({ sysctl: limits(20, 64), conntrack: entries(20, true) }).send('client', SYN)).toBe('DROP')
    const chancy = { sysctl: limits(4, 64), conntrack: entries(4, false) }
    expect(tracker(chancy).send('client', SYN)).toBe('NEW')
    expect(tracker(chancy, [1]).send('client', SYN)).toBe('DROP')
  })
  test('what the kernel counted and the dump lacks counts too, and is said to be supposed', () => {
    const t = tracker({ sysctl: `${limits(50, 65536)}net.netfilter.nf_conntrack_count = 50\n` })
    expect(t.send('client', SYN)).toBe('DROP')
    expect([...t.here.run.assumptions].join()).toContain('50 connections of node')
  })
})

test('a state that no kernel prints does not matter', () => {
  const t = tracker({
    conntrack:
      'tcp 6 300 SLEEPING src=10.1.0.2 dst=10.2.0.2 sport=4000 dport=80 src=10.2.0.2 dst=10.1.0.2 sport=80 dport=4000 mark=0 use=1\n',
  })
  expect(['NEW', 'ESTABLISHED']).toContain(t.send('client', SYN))
})

test('beside a connection with a helper a new one may be expected', () => {
  const conntrack =
    'tcp 6 300 ESTABLISHED src=10.1.0.2 dst=10.2.0.2 sport=3999 dport=21 src=10.2.0.2 dst=10.1.0.2 sport=21 dport=3999 [ASSURED] mark=0 helper=ftp use=1\n'
  expect(tracker({ conntrack }).send('server', { ...SYN, sport: 20, dport: 3000 })).toBe('NEW')
  expect(tracker({ conntrack }, [1]).send('server', { ...SYN, sport: 20, dport: 3000 })).toBe('RELATED')
})
