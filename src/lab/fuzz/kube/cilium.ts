import type { Random } from '../random.js'
import type { World } from '../worlds/world.js'
import { type Dump, numbered } from './dump.js'

/** Cilium beside kube-proxy: marks of its proxy decide what is tracked, masqueraded and let in. */
export function ciliumRules(dump: Dump, six: boolean, world: World, random: Random): void {
  const [pods, own, local] = six
    ? ['fd00:1::/64', 'fd00:1::1', '::1/128']
    : ['10.244.1.0/24', '10.244.1.1', '127.0.0.1/32']
  const wires = world.devices.find(d => d.endsWith('+')) ?? 'veth+'
  const host = world.devices.includes('cni0') ? 'cni0' : wires
  for (const [table, chains] of [
    ['raw', ['PREROUTING', 'OUTPUT']],
    ['mangle', ['PREROUTING', 'POSTROUTING']],
    ['nat', ['PREROUTING', 'OUTPUT', 'POSTROUTING']],
    ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
  ] as const)
    for (const chain of chains) {
      dump.chain(table, `CILIUM_${chain}_${table}`)
      dump.insert(
        table,
        chain,
        `-m comment --comment "cilium-feeder: CILIUM_${chain}" -j CILIUM_${chain}_${table}`,
        0,
      )
    }
  dump.add(
    'raw',
    'CILIUM_PREROUTING_raw',
    '-m mark --mark 0x200/0xf00 -m comment --comment "cilium: NOTRACK for proxy traffic" -j CT --notrack',
    ...(random.chance(0.3) ? [`-i ${wires} -p udp -m udp --dport 8080 -j MARK --set-xmark 0x200/0xf00`] : []),
  )
  dump.add(
    'raw',
    'CILIUM_OUTPUT_raw',
    `-o ${wires} -m mark --mark 0xa00/0xfffffeff -m comment --comment "cilium: NOTRACK for proxy return traffic" -j CT --notrack`,
    `-o ${host} -m mark --mark 0x800/0xe00 -m comment --comment "cilium: NOTRACK for L7 proxy upstream traffic" -j CT --notrack`,
    ...(random.chance(0.2) ? ['-p udp -m udp --sport 53 -j CT --notrack'] : []),
  )
  dump.add(
    'mangle',
    'CILIUM_PREROUTING_mangle',
    '-m socket --transparent -m mark ! --mark 0xe00/0xf00 -m mark ! --mark 0x800/0xf00 -m comment --comment "cilium: any->pod redirect proxied traffic to host proxy" -j MARK --set-xmark 0x200/0xffffffff',
    ...(random.chance(0.3)
      ? [
          `-p tcp -m mark --mark 0x3e2b0200 -j TPROXY --on-port 8080 --on-ip ${six ? '::1' : '127.0.0.1'} --tproxy-mark 0x200/0xffffffff`,
        ]
      : []),
  )
  dump.add(
    'nat',
    'CILIUM_POSTROUTING_nat',
    `-s ${pods} -m set --match-set IPS${six ? '6' : ''} dst -m comment --comment "exclude traffic to cluster nodes from masquerade" -j ACCEPT`,
    `-s ${pods} ! -d ${pods} ! -o ${host} -m comment --comment "cilium masquerade non-cluster" -j MASQUERADE`,
    '-m mark --mark 0xa00/0xe00 -m comment --comment "exclude proxy return traffic from masquerade" -j ACCEPT',
    `! -s ${pods} ! -d ${pods} -o ${host} -m comment --comment "cilium host->cluster masquerade" ${numbered(six, 1)}-j SNAT --to-source ${own}`,
    `-s ${local} -o ${host} -m comment --comment "cilium host->cluster from ${local} masquerade" ${numbered(six, 2)}-j SNAT --to-source ${own}`,
    `-o ${host} -m mark --mark 0xf00/0xf00 -m conntrack --ctstate DNAT -m comment --comment "hairpin traffic that originated from a local pod" ${numbered(six, 3)}-j SNAT --to-source ${own}`,
  )
  dump.add(
    'filter',
    'CILIUM_INPUT_filter',
    '-m mark --mark 0x200/0xf00 -m comment --comment "cilium: ACCEPT for proxy traffic" -j ACCEPT',
  )
  dump.add(
    'filter',
    'CILIUM_OUTPUT_filter',
    '-m mark --mark 0xa00/0xe00 -m comment --comment "cilium: ACCEPT for proxy traffic" -j ACCEPT',
    '-m mark ! --mark 0xe00/0xf00 -m mark ! --mark 0xd00/0xf00 -m mark ! --mark 0xa00/0xe00 -m comment --comment "cilium: host->any mark as from host" -j MARK --set-xmark 0xc00/0xf00',
  )
  const way = '-m comment --comment "cilium: any->cluster on cilium_host forward accept"'
  dump.add(
    'filter',
    'CILIUM_FORWARD_filter',
    ...[`-o ${host}`, `-i ${host}`, `-i ${wires}`, `-o ${wires}`].map(side => `${side} ${way} -j ACCEPT`),
  )
}
