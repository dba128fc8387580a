import type { Random } from '../random.js'
import type { World } from '../worlds/world.js'
import type { Dump } from './dump.js'
import type { Setup } from './proxy.js'

/** What the network plugin adds: who leaves the cluster under the node's address, and who may pass. */
export function masqueradeRules(dump: Dump, { six, randomFully }: Setup, world: World, random: Random): void {
  const pods = six ? 'fd00::/32' : '10.244.0.0/16'
  const group = six ? 'ff00::/8' : '224.0.0.0/4'
  const fully = randomFully ? ' --random-fully' : ''
  const kind = random.weighted<'none' | 'plain' | 'flannel' | 'flannel old' | 'calico' | 'ip-masq-agent'>([
    [3, 'none'],
    [3, 'plain'],
    [2, 'flannel'],
    [1, 'flannel old'],
    [1.5, 'calico'],
    [1, 'ip-masq-agent'],
  ])
  const note = '-m comment --comment "flanneld masq"'
  const nodes = world.networks[six ? 'v6' : 'v4'][1]!
  switch (kind) {
    case 'plain':
      dump.add('nat', 'POSTROUTING', `-s ${pods} ! -d ${pods} -j MASQUERADE`)
      break
    case 'flannel':
      dump.add('nat', 'POSTROUTING', `${note} -j FLANNEL-POSTRTG`)
      dump.add(
        'nat',
        'FLANNEL-POSTRTG',
        `-m mark --mark 0x4000/0x4000 ${note} -j RETURN`,
        `-s ${pods} -d ${pods} ${note} -j RETURN`,
        `-s ${pods} ! -d ${group} ${note} -j MASQUERADE${fully}`,
        `! -s ${pods} -d ${pods} ${note} -j MASQUERADE${fully}`,
      )
      dump.add('filter', 'FORWARD', '-m comment --comment "flanneld forward" -j FLANNEL-FWD')
      dump.add('filter', 'FLANNEL-FWD', `-s ${pods} -j ACCEPT`, `-d ${pods} -j ACCEPT`)
      break
    case 'flannel old':
      dump.add(
        'nat',
        'POSTROUTING',
        `-s ${pods} -d ${pods} -j RETURN`,
        `-s ${pods} ! -d ${group} -j MASQUERADE`,
        `! -s ${pods} -d ${pods.replace('/16', '/24').replace('0.0/24', '1.0/24')} -j RETURN`,
        `! -s ${pods} -d ${pods} -j MASQUERADE`,
      )
      break
    case 'calico':
      calico(dump, six, fully, random)
      break
    case 'ip-masq-agent':
      dump.add('nat', 'POSTROUTING', '-m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT')
      dump.add(
        'nat',
        'IP-MASQ-AGENT',
        `-d ${pods} -j RETURN`,
        `-d ${nodes} -j RETURN`,
        `-j MASQUERADE${fully}`,
      )
      break
    case 'none':
  }
}

/** Chains as Felix writes them: marks say what was let through, sets what is a pod. */
function calico(dump: Dump, six: boolean, fully: string, random: Random): void {
  const [pools, all] = six ? ['NETS6', 'IPS6'] : ['NETS', 'IPS']
  const accept = '0x10000/0x10000'
  dump.add('nat', 'POSTROUTING', '-j cali-POSTROUTING')
  dump.add('nat', 'cali-POSTROUTING', '-j cali-nat-outgoing')
  dump.add(
    'nat',
    'cali-nat-outgoing',
    `-m set --match-set ${pools} src -m set ! --match-set ${all} dst -j MASQUERADE${fully}`,
  )
  dump.insert('filter', 'FORWARD', '-j cali-FORWARD', 0)
  dump.add('filter', 'FORWARD', `-m mark --mark ${accept} -j ACCEPT`, '-j MARK --set-xmark 0x10000/0x10000')
  dump.add(
    'filter',
    'cali-FORWARD',
    '-j MARK --set-xmark 0x0/0xe0000',
    '-i veth+ -j cali-from-wl',
    '-i cni0 -j cali-from-wl',
    '-o cni0 -j cali-to-wl',
  )
  for (const chain of ['cali-from-wl', 'cali-to-wl'])
    dump.add(
      'filter',
      chain,
      '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-m conntrack --ctstate INVALID -j DROP',
      '-j MARK --set-xmark 0x0/0x10000',
      random.chance(0.3)
        ? '-p udp -j MARK --set-xmark 0x10000/0x10000'
        : '-j MARK --set-xmark 0x10000/0x10000',
      `-m mark --mark ${accept} -j RETURN`,
      '-j DROP',
    )
}
