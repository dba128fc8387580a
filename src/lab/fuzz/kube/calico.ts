import type { Random } from '../random.js'
import type { World } from '../worlds/world.js'
import { type Dump, numbered } from './dump.js'

const ACCEPT = '0x10000/0x10000'
const PASS = '0x20000/0x20000'
const take = `-j MARK --set-xmark ${ACCEPT}`
const taken = (verdict: string) => `-m mark --mark ${ACCEPT} -j ${verdict}`
const forget = (bits: string) => `-j MARK --set-xmark 0x0/${bits}`

/**
 * Chains as Felix writes them into all four tables (felix/rules, by what its dumps look like): marks say what was let
 * through, sets what is a pod, and what a pod sends must come from its own address.
 */
export function calicoRules(dump: Dump, six: boolean, fully: string, world: World, random: Random): void {
  const workloads = world.devices.find(d => /^(cali|veth)\+$/.test(d)) ?? 'veth+'
  const pods = world.nodes.flatMap(n => n.devices.map(d => d.name)).filter(d => /^(cali|veth)/.test(d))
  raw(dump, workloads, random)
  mangle(dump)
  nat(dump, six, fully, world, random)
  filter(dump, workloads, random)
  // where a bridge joins the pods, IP sees the bridge
  const seen = world.devices.includes('cni0') ? [...pods, 'cni0'] : pods
  for (const [chain, side, short] of [
    ['cali-from-wl-dispatch', '-i', 'fw'],
    ['cali-to-wl-dispatch', '-o', 'tw'],
  ] as const) {
    for (const pod of seen) {
      dump.add('filter', chain, `${side} ${pod} -g cali-${short}-${pod}`)
      endpoint(dump, `cali-${short}-${pod}`, six, random)
    }
    if (random.chance(0.8)) dump.add('filter', chain, '-m comment --comment "Unknown interface" -j DROP')
  }
}

function raw(dump: Dump, workloads: string, random: Random): void {
  for (const hook of ['PREROUTING', 'OUTPUT']) dump.add('raw', hook, `-j cali-${hook}`)
  dump.add('raw', 'cali-OUTPUT', forget('0xf0000'), taken('ACCEPT'))
  dump.add(
    'raw',
    'cali-PREROUTING',
    forget('0xf0000'),
    `-i ${workloads} -j MARK --set-xmark 0x40000/0x40000`,
    ...(random.chance(0.3) ? ['-i cni0 -j MARK --set-xmark 0x40000/0x40000'] : []),
    '-m mark --mark 0x40000/0x40000 -m rpfilter --validmark --invert -j DROP',
    taken('ACCEPT'),
  )
}

function mangle(dump: Dump): void {
  for (const hook of ['PREROUTING', 'POSTROUTING']) dump.add('mangle', hook, `-j cali-${hook}`)
  dump.add(
    'mangle',
    'cali-PREROUTING',
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    taken('ACCEPT'),
    '-j cali-from-host-endpoint',
    `-m comment --comment "Host endpoint policy accepted packet." ${taken('ACCEPT')}`,
  )
  dump.chain('mangle', 'cali-from-host-endpoint')
  dump.chain('mangle', 'cali-to-host-endpoint')
  dump.add(
    'mangle',
    'cali-POSTROUTING',
    taken('RETURN'),
    forget('0xf0000'),
    '-m conntrack --ctstate DNAT -j cali-to-host-endpoint',
    `-m comment --comment "Host endpoint policy accepted packet." ${taken('RETURN')}`,
  )
}

function nat(dump: Dump, six: boolean, fully: string, world: World, random: Random): void {
  const [pools, all] = six ? ['NETS6', 'IPS6'] : ['NETS', 'IPS']
  for (const hook of ['PREROUTING', 'OUTPUT', 'POSTROUTING']) dump.add('nat', hook, `-j cali-${hook}`)
  for (const hook of ['PREROUTING', 'OUTPUT']) dump.add('nat', `cali-${hook}`, '-j cali-fip-dnat')
  dump.add('nat', 'cali-POSTROUTING', '-j cali-fip-snat', '-j cali-nat-outgoing')
  dump.chain('nat', 'cali-fip-dnat')
  dump.chain('nat', 'cali-fip-snat')
  dump.add(
    'nat',
    'cali-nat-outgoing',
    `-m set --match-set ${pools} src -m set ! --match-set ${all} dst -j MASQUERADE${fully}`,
  )
  const out = random.pick(world.devices.filter(d => !d.endsWith('+') && d !== 'lo'))
  if (random.chance(0.6))
    dump.add(
      'nat',
      'cali-POSTROUTING',
      `-o ${out} -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL -j MASQUERADE${fully}`,
    )
  if (random.chance(0.3)) {
    const [pod, floating] = six ? ['fd00:1::2', 'fd00:96::77'] : ['10.244.1.2', '10.96.0.77']
    const length = six ? 128 : 32
    dump.add('nat', 'cali-fip-dnat', `-d ${floating}/${length} -j DNAT --to-destination ${pod}`)
    dump.add(
      'nat',
      'cali-fip-snat',
      `-s ${pod}/${length} -d ${pod}/${length} ${numbered(six, 1)}-j SNAT --to-source ${floating}`,
    )
  }
}

function filter(dump: Dump, workloads: string, random: Random): void {
  dump.insert('filter', 'INPUT', '-j cali-INPUT', 0)
  dump.insert('filter', 'OUTPUT', '-j cali-OUTPUT', 0)
  dump.insert('filter', 'FORWARD', '-j cali-FORWARD', 0)
  dump.add('filter', 'FORWARD', taken('ACCEPT'), take)
  const dispatch = (side: string, chain: string) => [
    `${side} ${workloads} -j ${chain}`,
    ...(workloads === 'veth+' ? [`${side} cni0 -j ${chain}`] : []),
  ]
  dump.add(
    'filter',
    'cali-FORWARD',
    forget('0xe0000'),
    '-m mark --mark 0x0/0x10000 -j cali-from-hep-forward',
    ...dispatch('-i', 'cali-from-wl-dispatch'),
    ...dispatch('-o', 'cali-to-wl-dispatch'),
    '-j cali-to-hep-forward',
  )
  dump.chain('filter', 'cali-from-hep-forward')
  dump.chain('filter', 'cali-to-hep-forward')
  dump.add(
    'filter',
    'cali-INPUT',
    `-i ${random.chance(0.5) ? workloads : 'cni0'} -g cali-wl-to-host`,
    taken('ACCEPT'),
    forget('0xf0000'),
    taken('ACCEPT'),
  )
  dump.add(
    'filter',
    'cali-wl-to-host',
    '-j cali-from-wl-dispatch',
    `-m comment --comment "Configured DefaultEndpointToHostAction" -j ${random.pick(['ACCEPT', 'RETURN', 'DROP'])}`,
  )
  dump.add(
    'filter',
    'cali-OUTPUT',
    taken('ACCEPT'),
    `-o ${workloads} -j RETURN`,
    forget('0xf0000'),
    '-m conntrack ! --ctstate DNAT -j cali-to-host-endpoint',
    taken('ACCEPT'),
  )
  dump.chain('filter', 'cali-to-host-endpoint')
}

/** What one pod may send, or be sent: by policy, or by its namespace's profile. */
function endpoint(dump: Dump, chain: string, six: boolean, random: Random): void {
  dump.add(
    'filter',
    chain,
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-m conntrack --ctstate INVALID -j DROP',
    forget('0x10000'),
  )
  if (random.chance(0.35)) {
    const policy = `cali-pi-${chain.slice(-1)}`
    dump.add(
      'filter',
      chain,
      forget('0x20000'),
      `-m mark --mark 0x0/0x20000 -j ${policy}`,
      `-m comment --comment "Return if policy accepted" ${taken('RETURN')}`,
      '-m comment --comment "Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j DROP',
    )
    const suffix = six ? '6' : ''
    dump.add(
      'filter',
      policy,
      random.pick([
        `-p tcp -m set --match-set IPS${suffix} src -m multiport --dports 80,8080 ${take}`,
        `-m set --match-set IPPORT${suffix} dst,dst ${take}`,
        `-p udp -m multiport --dports 53 ${take}`,
        `-m set ! --match-set NETS${suffix} src -j MARK --set-xmark ${PASS}`,
      ]),
      taken('RETURN'),
    )
  }
  const profile = 'cali-pro-kns.default'
  dump.add('filter', chain, `-j ${profile}`, taken('RETURN'))
  if (random.chance(0.9))
    dump.add('filter', chain, '-m comment --comment "Drop if no profiles matched" -j DROP')
  if (!dump.chains('filter').includes(profile)) dump.add('filter', profile, take, taken('RETURN'))
  dump.chain('filter', profile)
}
