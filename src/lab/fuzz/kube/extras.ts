import type { Random } from '../random.js'
import type { Dump } from './dump.js'

/** CNI's portmap plugin: ports of the node that lead to a pod. */
export function hostPortRules(dump: Dump, six: boolean, random: Random): void {
  const pod = six ? '[fd00:1::3]' : '10.244.1.3'
  const pods = six ? 'fd00:1::/64' : '10.244.1.0/24'
  const port = random.pick(['8080', '9999', '2483'])
  const proto = random.pick(['tcp', 'udp'])
  const chain = 'CNI-DN-6cc5fdd2f6a1be0d3b0d2'
  for (const hook of ['PREROUTING', 'OUTPUT'])
    dump.insert('nat', hook, '-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT', random.pick([0, 1]))
  dump.insert(
    'nat',
    'POSTROUTING',
    '-m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ',
    0,
  )
  dump.add('nat', 'CNI-HOSTPORT-MASQ', '-m mark --mark 0x2000/0x2000 -j MASQUERADE')
  dump.add(
    'nat',
    'CNI-HOSTPORT-SETMARK',
    '-m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000',
  )
  dump.add(
    'nat',
    'CNI-HOSTPORT-DNAT',
    `-p ${proto} -m comment --comment "dnat name: \\"cbr0\\" id: \\"6cc5\\"" -m multiport --dports ${port} -j ${chain}`,
  )
  dump.add(
    'nat',
    chain,
    `-s ${pods} -p ${proto} -m ${proto} --dport ${port} -j CNI-HOSTPORT-SETMARK`,
    ...(six ? [] : [`-s 127.0.0.1/32 -p ${proto} -m ${proto} --dport ${port} -j CNI-HOSTPORT-SETMARK`]),
    `-p ${proto} -m ${proto} --dport ${port} -j DNAT --to-destination ${pod}:${random.pick(['80', '8080', '53'])}`,
  )
}

/** NodeLocal DNSCache: its addresses are not tracked, so that no NAT of kube-proxy touches them. */
export function nodeLocalDnsRules(dump: Dump, six: boolean, random: Random): void {
  const length = six ? 128 : 32
  const caches = six
    ? ['fd00:1::1', 'fd00:96::11']
    : [random.pick(['10.244.1.1', '192.168.50.10']), '10.96.0.11']
  for (const cache of caches.slice(0, 1 + random.below(2)))
    for (const proto of ['udp', 'tcp']) {
      const to = `-d ${cache}/${length} -p ${proto} -m ${proto} --dport 53`
      const from = `-s ${cache}/${length} -p ${proto} -m ${proto} --sport 53`
      const note = '-m comment --comment "NodeLocal DNS Cache: skip conntrack"'
      dump.add('raw', 'PREROUTING', `${to} ${note} -j CT --notrack`)
      dump.add('raw', 'OUTPUT', `${from} ${note} -j CT --notrack`, `${to} ${note} -j CT --notrack`)
      dump.insert('filter', 'INPUT', `${to} -j ACCEPT`, 0)
      dump.insert('filter', 'OUTPUT', `${from} -j ACCEPT`, 0)
    }
}

/** CNI's bridge plugin with ipMasq: a chain for each pod. */
export function ipMasqRules(dump: Dump, six: boolean): void {
  const [net, group] = six ? ['fd00:1::/64', 'ff00::/8'] : ['10.244.1.0/24', '224.0.0.0/4']
  const pods = six ? ['fd00:1::2/128', 'fd00:1::3/128'] : ['10.244.1.2/32', '10.244.1.3/32']
  for (const [at, pod] of pods.entries()) {
    const chain = `CNI-${'ab'[at]}f0e1d2c3b4a5968778695a4`
    const note = `-m comment --comment "name: \\"cbr0\\" id: \\"${at}\\""`
    dump.add('nat', 'POSTROUTING', `-s ${pod} ${note} -j ${chain}`)
    dump.add('nat', chain, `-d ${net} ${note} -j ACCEPT`, `! -d ${group} ${note} -j MASQUERADE`)
  }
}
