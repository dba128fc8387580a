import type { Random } from '../random.js'
import type { World } from '../worlds/world.js'
import type { Dump } from './dump.js'

/** Security groups of OpenStack's Linux bridge agent: each port of the bridge has a zone, and chains of its own. */
export function neutronRules(dump: Dump, six: boolean, world: World, random: Random): void {
  const guarded = world.ports.filter(port => !port.endsWith('+') && random.chance(0.7))
  const zones = random.chance(0.6)
  const bridged = '--physdev-is-bridged'
  for (const hook of ['INPUT', 'FORWARD', 'OUTPUT']) {
    dump.insert('filter', hook, `-j neutron-${hook}`, 0)
    dump.chain('filter', `neutron-${hook}`)
  }
  dump.insert('raw', 'PREROUTING', '-j neutron-PREROUTING', 0)
  dump.chain('raw', 'neutron-PREROUTING')
  dump.add('filter', 'neutron-sg-fallback', random.chance(0.8) ? '-j DROP' : '-j RETURN')
  for (const port of guarded) {
    const name = port.slice(-1)
    const devices = world.hosts.find(host => host.folder.endsWith(`/netns/${name}`))?.devices ?? []
    const own = devices.at(-1)?.addresses.find(a => a.includes(':') === six && !a.startsWith('fe80'))
    if (own === undefined) continue
    const address = `${own.split('/')[0]}/${six ? 128 : 32}`
    if (zones)
      dump.add(
        'raw',
        'neutron-PREROUTING',
        `-m physdev --physdev-in ${port} -m comment --comment "Set zone for ${name}" -j CT --zone 1`,
        `-i ${port} -m comment --comment "Set zone for ${name}" -j CT --zone 1`,
      )
    dump.add(
      'filter',
      'neutron-FORWARD',
      `-m physdev --physdev-out ${port} ${bridged} -j neutron-sg-chain`,
      `-m physdev --physdev-in ${port} ${bridged} -j neutron-sg-chain`,
    )
    dump.add('filter', 'neutron-INPUT', `-m physdev --physdev-in ${port} ${bridged} -j neutron-o${name}`)
    dump.add(
      'filter',
      'neutron-sg-chain',
      `-m physdev --physdev-out ${port} ${bridged} -j neutron-i${name}`,
      `-m physdev --physdev-in ${port} ${bridged} -j neutron-o${name}`,
    )
    dump.add(
      'filter',
      `neutron-i${name}`,
      '-m state --state RELATED,ESTABLISHED -j RETURN',
      random.pick([
        '-p tcp -m tcp --dport 80 -j RETURN',
        '-p tcp -m tcp -m multiport --dports 1:65535 -j RETURN',
        '-p udp -m udp --dport 53 -j RETURN',
        `-m set --match-set NETS${six ? '6' : ''} src -j RETURN`,
      ]),
      `-p ${six ? 'ipv6-icmp' : 'icmp'} -j RETURN`,
      '-m state --state INVALID -j DROP',
      '-j neutron-sg-fallback',
    )
    dump.add(
      'filter',
      `neutron-s${name}`,
      `-s ${address} -m mac --mac-source ${random.chance(0.9) ? devices.at(-1)!.mac : '02:00:00:00:ff:fe'} -j RETURN`,
      ...(six ? ['-p ipv6-icmp -j RETURN'] : []),
      '-j DROP',
    )
    dump.add(
      'filter',
      `neutron-o${name}`,
      `-j neutron-s${name}`,
      '-m state --state RELATED,ESTABLISHED -j RETURN',
      ...(random.chance(0.7) ? ['-j RETURN'] : ['-p tcp -m tcp --dport 8080 -j RETURN']),
      '-m state --state INVALID -j DROP',
      '-j neutron-sg-fallback',
    )
  }
  if (random.chance(0.7)) dump.add('filter', 'neutron-sg-chain', '-j ACCEPT')
  dump.chain('filter', 'neutron-sg-chain')
}
