import type { Netns } from '../../../model/snapshot.js'
import { sysctlNumber, sysctlOf } from '../../../snapshot/sysctl.js'
import type { Finding } from '../../../talk/conversation.js'
import { bridgeNfKey } from '../../../values/tool.js'
import { inside, whereModule, whereSysctl } from '../../where.js'
import type { LintCheck } from '../check.js'
import { about } from '../walk.js'

/** Sysctls and modules that a node of a cluster wants. */
export const nodeSettings: LintCheck = {
  id: 'node-settings',
  title: 'A setting or a module that a cluster needs is off',
  page: `A node routes for its pods: net.ipv4.ip_forward must be 1. Pods on a bridge reach Services through
translations that conntrack must undo on the way back: with br_netfilter not loaded, or the
net.bridge.bridge-nf-call-* sysctls at 0, answers between pods of one node cross the bridge unseen and keep the
backend's address. IPVS masquerades only with net.ipv4.vs.conntrack 1. NodePorts should be kept from clients' source
ports (net.ipv4.ip_local_reserved_ports 30000-32767), and a full conntrack table drops every new connection.
Settings of a running node are lost at a reboot unless they are in /etc/sysctl.d and /etc/modules-load.d.`,
  look(snapshot) {
    return snapshot.nodes.flatMap(node => {
      const host = node.namespaces.find(n => n.isHost)
      return host && isClusterNode(host) ? settingsOf(host) : []
    })
  },
}

/** Rules of kube-proxy, or IPVS with pods: what makes a node one of a cluster. */
const isClusterNode = (netns: Netns): boolean =>
  netns.ipvs !== undefined ||
  netns.rulesets.some(r => r.tables.some(t => t.chains.some(c => /^(KUBE-|FLANNEL-|cali-)/.test(c.name))))

function settingsOf(netns: Netns): Finding[] {
  // what no dump tells is not held against the node
  const known = Object.hasOwn(netns.files, 'sysctl.txt')
  return [
    ...(known ? forwarding(netns) : []),
    ...bridging(netns, known),
    ...tracking(netns, known),
    ...reversePaths(netns),
    ...(known ? nodePorts(netns) : []),
  ]
}

/** What a sysctl is, and why that is wrong. */
const setting = (netns: Netns, severity: Finding['severity'], key: string, says: string): Finding =>
  about('node-settings', severity, says, whereSysctl(netns, key), inside(netns, `sysctl ${key}`))

const speaks6 = (netns: Netns): boolean =>
  netns.rulesets.some(r => r.family === 'ipv6' && r.tables.length > 0)

function* forwarding(netns: Netns): Generator<Finding> {
  const [v4, v6] = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'] as const
  if (sysctlNumber(netns, v4) !== 1)
    yield setting(netns, 'error', v4, `${netns.name} does not forward: ${v4} is 0`)
  if (speaks6(netns) && sysctlNumber(netns, v6) !== 1)
    yield setting(netns, 'warning', v6, `${netns.name} does not forward IPv6: ${v6} is 0`)
}

function* bridging(netns: Netns, known: boolean): Generator<Finding> {
  const bridged = netns.ifaces.some(
    i => i.master !== undefined && netns.ifaces.some(b => b.name === i.master && b.kind === 'bridge'),
  )
  if (!bridged) return
  if (known && sysctlOf(netns, bridgeNfKey('ipv4')) === undefined) {
    yield about(
      'node-settings',
      'error',
      `br_netfilter is not loaded on ${netns.name}: there are no net.bridge.bridge-nf-call-* sysctls, and no rule sees what passes between two pods of one bridge`,
      whereModule(netns, 'br_netfilter'),
      inside(netns, 'lsmod | grep br_netfilter; sysctl net.bridge'),
    )
    return
  }
  for (const [tool, severity] of [
    ['iptables', 'error'],
    ['ip6tables', speaks6(netns) ? 'error' : 'info'],
    ['arptables', 'info'],
  ] as const) {
    const key = `net.bridge.bridge-nf-call-${tool}`
    if (sysctlOf(netns, key) === '0')
      yield setting(
        netns,
        severity,
        key,
        `${key} is 0 on ${netns.name}: the bridge hides packets between its pods from ${tool}`,
      )
  }
}

function* tracking(netns: Netns, known: boolean): Generator<Finding> {
  if (netns.modules && !netns.modules.includes('nf_conntrack'))
    yield about(
      'node-settings',
      'warning',
      `nf_conntrack is not among the loaded modules of ${netns.name} (it may be built into the kernel)`,
      whereModule(netns, 'nf_conntrack'),
      inside(netns, 'lsmod | grep nf_conntrack'),
    )
  const ipvs = 'net.ipv4.vs.conntrack'
  if (known && netns.ipvs && sysctlNumber(netns, ipvs) !== 1)
    yield setting(
      netns,
      'warning',
      ipvs,
      `${ipvs} is 0 on ${netns.name}: IPVS connections are not masqueraded, and answers count as INVALID`,
    )
  const key = 'net.netfilter.nf_conntrack_max'
  const max = sysctlNumber(netns, key)
  const count = sysctlNumber(netns, 'net.netfilter.nf_conntrack_count') ?? netns.conntrack.length
  if (max === undefined || max <= 0 || count <= 0.8 * max) return
  const [severity, full] = count >= max ? (['error', 'full'] as const) : (['warning', 'nearly full'] as const)
  const says = `the connection table of ${netns.name} is ${full}: ${count} of ${max}`
  yield setting(netns, severity, key, says)
}

function* nodePorts(netns: Netns): Generator<Finding> {
  const key = 'net.ipv4.ip_local_reserved_ports'
  const some = netns.rulesets.some(r =>
    r.tables.some(t => t.chains.some(c => c.name === 'KUBE-NODEPORTS' && c.rules.length > 0)),
  )
  if (some && !(sysctlOf(netns, key) ?? '').includes('30000-32767'))
    yield setting(
      netns,
      'info',
      key,
      `NodePorts (30000-32767) are not reserved on ${netns.name}: a client may be given one as its source port where the local range covers them`,
    )
}

function* reversePaths(netns: Netns): Generator<Finding> {
  for (const key of ['net.ipv4.conf.all.rp_filter', 'net.ipv4.conf.default.rp_filter'])
    if (sysctlOf(netns, key) === '1')
      yield setting(
        netns,
        'info',
        key,
        `${key} is 1 (strict) on ${netns.name}: a packet that comes by another device than its answer would leave by is dropped`,
      )
}
