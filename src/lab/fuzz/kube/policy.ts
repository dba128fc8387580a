import type { Random } from '../random.js'
import type { Dump } from './dump.js'

/** kube-router's firewall (KUBE-POD-FW-*, KUBE-NWPLCY-*): a mark says what a policy lets through, the rest is refused. */
export function kubeRouterRules(dump: Dump, six: boolean, random: Random): void {
  const pods = six ? ['fd00:1::2/128', 'fd00:1::3/128'] : ['10.244.1.2/32', '10.244.1.3/32']
  const suffix = six ? '6' : ''
  const unmarked = '-m mark ! --mark 0x10000/0x10000'
  for (const hook of ['INPUT', 'FORWARD', 'OUTPUT'])
    dump.insert('filter', hook, `-m comment --comment "kube-router netpol" -j KUBE-ROUTER-${hook}`, 0)
  for (const [at, pod] of pods.entries()) {
    if (random.chance(0.3)) continue
    const firewall = `KUBE-POD-FW-${'AB'[at]}`
    dump.add('filter', 'KUBE-ROUTER-INPUT', `-s ${pod} -j ${firewall}`)
    dump.add('filter', 'KUBE-ROUTER-OUTPUT', `-d ${pod} -j ${firewall}`, `-s ${pod} -j ${firewall}`)
    dump.add(
      'filter',
      'KUBE-ROUTER-FORWARD',
      `-d ${pod} -m physdev --physdev-is-bridged -j ${firewall}`,
      `-d ${pod} -j ${firewall}`,
      `-s ${pod} -m physdev --physdev-is-bridged -j ${firewall}`,
      `-s ${pod} -j ${firewall}`,
    )
    dump.add(
      'filter',
      firewall,
      '-m conntrack --ctstate INVALID -j DROP',
      '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      `-d ${pod} -m addrtype --src-type LOCAL -j ACCEPT`,
      `-j KUBE-NWPLCY-${random.chance(0.5) ? 'DEFAULT' : 'X'}`,
      `${unmarked} -m limit --limit 10/hour --limit-burst 10 -j NFLOG --nflog-group 100`,
      `${unmarked} -j REJECT --reject-with ${six ? 'icmp6' : 'icmp'}-port-unreachable`,
      '-j MARK --set-xmark 0x0/0x10000',
      '-m comment --comment "set mark to ACCEPT traffic that comply to network policies" -j MARK --set-xmark 0x20000/0x20000',
    )
  }
  dump.add('filter', 'KUBE-NWPLCY-DEFAULT', '-j MARK --set-xmark 0x10000/0x10000')
  dump.add(
    'filter',
    'KUBE-NWPLCY-X',
    `-p ${random.pick(['tcp', 'udp'])} -m set --match-set IPS${suffix} src -m set --match-set NETS${suffix} dst -j MARK --set-xmark 0x10000/0x10000`,
    '-m mark --mark 0x10000/0x10000 -j RETURN',
    `-m set --match-set IPPORT${suffix} dst,dst -j MARK --set-xmark 0x10000/0x10000`,
  )
  for (const hook of ['INPUT', 'FORWARD', 'OUTPUT']) {
    dump.chain('filter', `KUBE-ROUTER-${hook}`)
    dump.add('filter', hook, '-m mark --mark 0x20000/0x20000 -j ACCEPT')
  }
}

/** weave-npc: what goes to a pod's bridge must be in a set, NEW ones are logged and dropped; WEAVE and its MASQUERADE. */
export function weaveRules(dump: Dump, six: boolean, fully: string, random: Random): void {
  const pods = six ? 'fd00:1::/64' : '10.244.1.0/24'
  const group = six ? 'ff00::/8' : '224.0.0.0/4'
  const suffix = six ? '6' : ''
  const fresh = '-m state --state NEW'
  dump.add('nat', 'POSTROUTING', '-j WEAVE')
  dump.add(
    'nat',
    'WEAVE',
    `-s ${pods} -d ${group} -j RETURN`,
    `! -s ${pods} -d ${pods} -j MASQUERADE${fully}`,
    `-s ${pods} ! -d ${pods} -j MASQUERADE${fully}`,
  )
  dump.add(
    'filter',
    'FORWARD',
    '-i cni0 -m comment --comment "NOTE: this must go before \\\'-j KUBE-FORWARD\\\'" -j WEAVE-NPC-EGRESS',
    '-o cni0 -j WEAVE-NPC',
    `-o cni0 ${fresh} -j NFLOG --nflog-group 86`,
    ...(random.chance(0.7) ? ['-o cni0 -j DROP'] : []),
    '-i cni0 ! -o cni0 -j ACCEPT',
    '-o cni0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  )
  dump.add('filter', 'INPUT', '-i cni0 -j WEAVE-NPC-EGRESS')
  dump.add(
    'filter',
    'WEAVE-NPC',
    '-m state --state RELATED,ESTABLISHED -j ACCEPT',
    `-d ${group} -j ACCEPT`,
    '-m physdev --physdev-out vethc --physdev-is-bridged -j ACCEPT',
    `${fresh} -j WEAVE-NPC-DEFAULT`,
    `${fresh} -j WEAVE-NPC-INGRESS`,
  )
  dump.add('filter', 'WEAVE-NPC-DEFAULT', `-m set --match-set IPS${suffix} dst -j ACCEPT`)
  dump.add(
    'filter',
    'WEAVE-NPC-INGRESS',
    `-p tcp -m set --match-set NETS${suffix} src -m set --match-set ADDED${suffix} dst -m tcp --dport 80 -j ACCEPT`,
    `-m set --match-set IPPORT${suffix} dst,dst -j ACCEPT`,
  )
  dump.add(
    'filter',
    'WEAVE-NPC-EGRESS',
    '-m state --state RELATED,ESTABLISHED -j ACCEPT',
    '-m physdev --physdev-in vethc --physdev-is-bridged -j RETURN',
    '-m addrtype --dst-type LOCAL -j RETURN',
    `-d ${group} -j RETURN`,
    `${fresh} -j WEAVE-NPC-EGRESS-DEFAULT`,
    `${fresh} -m mark ! --mark 0x40000/0x40000 -j WEAVE-NPC-EGRESS-CUSTOM`,
    ...(random.chance(0.5) ? ['-m mark ! --mark 0x40000/0x40000 -j DROP'] : []),
  )
  dump.add(
    'filter',
    'WEAVE-NPC-EGRESS-DEFAULT',
    `-m set --match-set NETS${suffix} src -j WEAVE-NPC-EGRESS-ACCEPT`,
    `-m set --match-set NETS${suffix} src -j RETURN`,
  )
  dump.add('filter', 'WEAVE-NPC-EGRESS-ACCEPT', '-j MARK --set-xmark 0x40000/0x40000')
  dump.add('filter', 'WEAVE-NPC-EGRESS-CUSTOM', '-p udp -m udp --dport 53 -j WEAVE-NPC-EGRESS-ACCEPT')
}
