import type { Random } from '../random.js'
import type { World } from '../worlds/world.js'
import { type Dump, numbered } from './dump.js'

/** The VPC CNI of AWS: SNAT for what leaves the cluster, and a connmark that brings answers back by the first device. */
export function awsRules(dump: Dump, six: boolean, fully: string, world: World, random: Random): void {
  const pods = six ? 'fd00::/32' : '10.244.0.0/16'
  const node = six ? 'fd00:50::10' : '192.168.50.10'
  const wires = world.devices.find(d => d.endsWith('+')) ?? 'veth+'
  const inside = world.devices.includes('cni0') && random.chance(0.7) ? 'cni0' : wires
  const note = (text: string) => `-m comment --comment "AWS, ${text}"`
  const restore = `${note('primary ENI')} -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80`
  dump.add(
    'mangle',
    'PREROUTING',
    `-i eth0 ${note('primary ENI')} -m addrtype --dst-type LOCAL --limit-iface-in -j CONNMARK --set-xmark 0x80/0x80`,
    `-i ${inside} ${restore}`,
  )
  dump.add(
    'nat',
    'PREROUTING',
    `-i ${inside} ${note('outbound connections')} -m state --state NEW -j AWS-CONNMARK-CHAIN-0`,
    `${note('CONNMARK')} -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80`,
  )
  dump.add(
    'nat',
    'AWS-CONNMARK-CHAIN-0',
    `! -d ${pods} ${note('CONNMARK CHAIN, VPC CIDR')} -j AWS-CONNMARK-CHAIN-1`,
  )
  dump.add(
    'nat',
    'AWS-CONNMARK-CHAIN-1',
    `${note('CONNMARK CHAIN, EXCLUDED CIDR')} -j CONNMARK --set-xmark 0x80/0x80`,
  )
  dump.add('nat', 'POSTROUTING', `${note('SNAT CHAIN')} -j AWS-SNAT-CHAIN-0`)
  const out = random.chance(0.5) ? '! -o vlan+ ' : ''
  dump.add(
    'nat',
    'AWS-SNAT-CHAIN-0',
    `-d ${pods} ${note('SNAT CHAIN')} -j RETURN`,
    `${out}${note('SNAT')} -m addrtype ! --dst-type LOCAL ${numbered(six, 1)}-j SNAT --to-source ${node}${fully}`,
  )
}
