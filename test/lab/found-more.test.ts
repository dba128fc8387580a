import { describe, expect, test } from 'vitest'
import { ask, host, kernelSaysTheSame, knows, small, table, world } from './small-worlds.js'

/** Differences that the fuzzer found once it drew more, each as small as it became, with what Linux 6.18 did. */
describe('what more draws found', () => {
  test('rp_filter asks for the way back as from the device that the packet goes on by: `iif lo` is for what stays', () => {
    const node = host(
      'node',
      { eth0: ['10.1.0.1/24'], eth1: ['10.2.0.1/24'] },
      {
        sysctl: new Map([
          ['net.ipv4.ip_forward', '1'],
          ['net.ipv4.conf.all.rp_filter', '1'],
        ]),
        rules: ['100:\tfrom all iif lo lookup 100'],
        routes: ['unreachable default table 100'],
      },
    )
    const leaf = (name: string, n: number, at: number) =>
      host(
        `node/netns/${name}`,
        { eth0: [`10.${n}.0.2/24`] },
        {
          routes: [`default via 10.${n}.0.1 dev eth0`],
          neighbours: [knows('node', `10.${n}.0.1`, at)],
          listeners: [{ proto: 'tcp', address: '0.0.0.0', port: 80 }],
        },
      )
    const snapshot = small(
      [node, leaf('a', 1, 0), leaf('b', 2, 1)],
      ['node:eth0, node/a:eth0', 'node:eth1, node/b:eth0'],
    )
    expect(ask(snapshot, { src: 'a', dst: '10.2.0.2', dport: 80 }).outcome).toBe('ok')
    expect(ask(snapshot, { src: 'a', dst: '10.1.0.1', dport: 80 }).outcome).toBe('timeout')
  })

  test("NAT by chance changes an echo's id, whichever side it translates", () => {
    for (const rules of [
      table('nat', 'INPUT', 'INPUT -p icmp -j SNAT --to-source 10.244.1.9 --random-fully'),
      table('nat', 'PREROUTING', 'PREROUTING -p icmp -j DNAT --to-destination 10.244.1.3 --random'),
    ]) {
      const talk = ask(world(rules), { src: 'a', dst: '10.244.1.1', proto: 'icmp' })
      const ids = talk.packets.flatMap(p => p.events).filter(e => e.kind === 'rewrite' && e.field === 'id')
      expect(ids.length).toBeGreaterThan(0)
    }
  })
})

kernelSaysTheSame()
