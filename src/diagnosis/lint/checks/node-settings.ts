import type { Netns } from '../../../model/snapshot.js'
import { sysctlNumber, sysctlOf } from '../../../snapshot/sysctl.js'
import type { Finding } from '../../../talk/conversation.js'
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
  const found: Finding[] = []
  const say = (severity: Finding['severity'], key: string, says: string) =>
    found.push(
      about('node-settings', severity, says, whereSysctl(netns, key), inside(netns, `sysctl ${key}`)),
    )
  const bridged = netns.ifaces.some(
    i => i.master !== undefined && netns.ifaces.some(b => b.name === i.master && b.kind === 'bridge'),
  )
  const six = netns.rulesets.some(r => r.family === 'ipv6' && r.tables.length > 0)
  const known = Object.hasOwn(netns.files, 'sysctl.txt')
  if (known && sysctlNumber(netns, 'net.ipv4.ip_forward') !== 1)
    say('error', 'net.ipv4.ip_forward', `${netns.name} does not forward: net.ipv4.ip_forward is 0`)
  if (six && known && sysctlNumber(netns, 'net.ipv6.conf.all.forwarding') !== 1)
    say(
      'warning',
      'net.ipv6.conf.all.forwarding',
      `${netns.name} does not forward IPv6: net.ipv6.conf.all.forwarding is 0`,
    )
  const keys = ['iptables', 'ip6tables', 'arptables'].map(tool => `net.bridge.bridge-nf-call-${tool}`)
  if (known && bridged && sysctlOf(netns, keys[0]!) === undefined)
    found.push(
      about(
        'node-settings',
        'error',
        `br_netfilter is not loaded on ${netns.name}: there are no net.bridge.bridge-nf-call-* sysctls, and no rule sees what passes between two pods of one bridge`,
        whereModule(netns, 'br_netfilter'),
        inside(netns, 'lsmod | grep br_netfilter; sysctl net.bridge'),
      ),
    )
  else if (bridged)
    keys.forEach((key, i) => {
      if (sysctlOf(netns, key) === '0')
        say(
          i === 0 ? 'error' : i === 1 && six ? 'error' : 'info',
          key,
          `${key} is 0 on ${netns.name}: the bridge hides packets between its pods from ${key.split('call-')[1]}`,
        )
    })
  if (netns.modules && !netns.modules.includes('nf_conntrack'))
    found.push(
      about(
        'node-settings',
        'warning',
        `nf_conntrack is not among the loaded modules of ${netns.name} (it may be built into the kernel)`,
        { ...whereModule(netns, 'nf_conntrack') },
        inside(netns, 'lsmod | grep nf_conntrack'),
      ),
    )
  if (netns.ipvs && sysctlNumber(netns, 'net.ipv4.vs.conntrack') !== 1 && known)
    say(
      'warning',
      'net.ipv4.vs.conntrack',
      `net.ipv4.vs.conntrack is 0 on ${netns.name}: IPVS connections are not masqueraded, and answers count as INVALID`,
    )
  for (const key of ['net.ipv4.conf.all.rp_filter', 'net.ipv4.conf.default.rp_filter'])
    if (sysctlOf(netns, key) === '1')
      say(
        'info',
        key,
        `${key} is 1 (strict) on ${netns.name}: a packet that comes by another device than its answer would leave by is dropped`,
      )
  const reserved = sysctlOf(netns, 'net.ipv4.ip_local_reserved_ports') ?? ''
  const nodePorts = netns.rulesets.some(r =>
    r.tables.some(t => t.chains.some(c => c.name === 'KUBE-NODEPORTS' && c.rules.length > 0)),
  )
  if (known && nodePorts && !reserved.includes('30000-32767'))
    say(
      'info',
      'net.ipv4.ip_local_reserved_ports',
      `NodePorts (30000-32767) are not reserved on ${netns.name}: a client may be given one as its source port where the local range covers them`,
    )
  const max = sysctlNumber(netns, 'net.netfilter.nf_conntrack_max')
  const count = sysctlNumber(netns, 'net.netfilter.nf_conntrack_count') ?? netns.conntrack.length
  if (max !== undefined && max > 0 && count >= max)
    say(
      'error',
      'net.netfilter.nf_conntrack_max',
      `the connection table of ${netns.name} is full: ${count} of ${max}`,
    )
  else if (max !== undefined && max > 0 && count > 0.8 * max)
    say(
      'warning',
      'net.netfilter.nf_conntrack_max',
      `the connection table of ${netns.name} is nearly full: ${count} of ${max}`,
    )
  return found
}
