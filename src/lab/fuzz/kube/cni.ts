import type { Host } from '../host.js'
import type { Random } from '../random.js'
import type { World } from '../worlds/world.js'
import { awsRules } from './aws.js'
import { calicoRules } from './calico.js'
import { ciliumRules } from './cilium.js'
import type { Dump } from './dump.js'
import { hostPortRules, ipMasqRules, nodeLocalDnsRules } from './extras.js'
import { neutronRules } from './neutron.js'
import { kubeRouterRules, weaveRules } from './policy.js'
import type { Setup } from './proxy.js'

type Plugin =
  | ('none' | 'plain' | 'flannel' | 'flannel old' | 'calico' | 'ip-masq-agent')
  | ('docker' | 'cni bridge' | 'cilium' | 'weave' | 'kube-router' | 'aws' | 'neutron')

/** What the network plugin adds: who leaves the cluster under the node's address, and who may pass. */
export function masqueradeRules(
  dump: Dump,
  { six, randomFully }: Setup,
  world: World,
  node: Host,
  random: Random,
): void {
  const pods = six ? 'fd00::/32' : '10.244.0.0/16'
  const group = six ? 'ff00::/8' : '224.0.0.0/4'
  const fully = randomFully ? ' --random-fully' : ''
  const kind = random.weighted<Plugin>([
    [3, 'none'],
    [3, 'plain'],
    [1, 'docker'],
    [2, 'flannel'],
    [1, 'flannel old'],
    [2, 'calico'],
    [1, 'ip-masq-agent'],
    [1, 'cni bridge'],
    [1.5, 'cilium'],
    [1, 'weave'],
    [1, 'kube-router'],
    [1, 'aws'],
    [1, 'neutron'],
  ])
  const note = '-m comment --comment "flanneld masq"'
  const nodes = world.networks[six ? 'v6' : 'v4'][1]!
  switch (kind) {
    case 'plain':
      dump.add('nat', 'POSTROUTING', `-s ${pods} ! -d ${pods} -j MASQUERADE`)
      break
    case 'docker':
      dump.add('nat', 'POSTROUTING', `-s ${podNetwork(node, six)} ! -o cni0 -j MASQUERADE`)
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
      calicoRules(dump, six, fully, world, random)
      break
    case 'cilium':
      ciliumRules(dump, six, world, random)
      break
    case 'weave':
      weaveRules(dump, six, fully, random)
      break
    case 'kube-router':
      kubeRouterRules(dump, six, random)
      break
    case 'aws':
      awsRules(dump, six, fully, world, random)
      break
    case 'neutron':
      neutronRules(dump, six, world, random)
      break
    case 'cni bridge':
      ipMasqRules(dump, six)
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
  if (random.chance(0.12)) hostPortRules(dump, six, random)
  if (random.chance(0.08)) nodeLocalDnsRules(dump, six, random)
}

const podNetwork = (node: Host, six: boolean): string => {
  const gateway = node.devices
    .find(d => d.name === 'cni0')
    ?.addresses.find(a => a.includes(':') === six)
    ?.replace('.1/24', '.0/24')
    .replace('::1/64', '::/64')
  // where no bridge joins its pods the node is the only one
  return gateway ?? (six ? 'fd00:1::/64' : '10.244.1.0/24')
}
