import { namespacesOf } from '../../../snapshot/names.js'
import { placeOf } from '../../../snapshot/sources.js'
import { formatPrefix, overlaps, parsePrefix, contains } from '../../../values/prefix.js'
import type { Ip } from '../../../values/ip.js'
import type { Finding } from '../../../talk/conversation.js'
import { inside } from '../../where.js'
import type { LintCheck } from '../check.js'
import { about, aboutRule, chainsOf } from '../walk.js'

/** Services whose addresses lie among the pods', or pods' among the nodes'. */
export const cidrOverlap: LintCheck = {
  id: 'cidr-overlap',
  title: 'Service, pod and node networks share addresses',
  page: `kube-proxy decides by the cluster CIDR which clients need no masquerading: what comes from inside it is left
alone. Where Service addresses lie inside the cluster CIDR too, a node that calls a Service with the Service's own
address as its source (IPVS chooses it, because it is on kube-ipvs0) counts as a pod. It is not masqueraded, and the
backend's node, which has the same Service address on its own kube-ipvs0, takes the answer for itself.
Cure: a Service CIDR outside the cluster CIDR (--service-cluster-ip-range), or masquerading for such sources.`,
  look(snapshot) {
    const found: Finding[] = []
    const { clusterCidrs, serviceCidrs } = snapshot
    for (const pods of clusterCidrs)
      for (const services of serviceCidrs)
        if (overlaps(pods, services))
          found.push(
            about(
              this.id,
              'error',
              `the Service CIDR ${formatPrefix(services)} and the cluster CIDR ${formatPrefix(pods)} overlap`,
              undefined,
              'kubectl cluster-info dump | grep -m2 -E "cluster-cidr|service-cluster-ip-range"',
            ),
          )
    for (const netns of namespacesOf(snapshot)) {
      const services: Ip[] = [
        ...(netns.ipvs?.services ?? []).flatMap(s => (s.id.kind === 'address' ? [s.id.address] : [])),
        ...netns.rulesets.flatMap(r =>
          r.tables
            .filter(t => t.name === 'nat')
            .flatMap(t => t.chains.find(c => c.name === 'KUBE-SERVICES')?.rules ?? [])
            .flatMap(rule =>
              rule.header.dst && !rule.header.dst.not && / --dport /.test(rule.text)
                ? [rule.header.dst.address]
                : [],
            ),
        ),
      ]
      const own = new Set(
        netns.ifaces.filter(i => i.kind !== 'dummy').flatMap(i => i.addresses.map(a => a.address)),
      )
      // the rules that leave pods out of masquerading tell which network kube-proxy takes for theirs
      const judged = new Set<string>()
      for (const spot of chainsOf(snapshot, 'nat')) {
        if (spot.netns !== netns) continue
        const rule = spot.chain.rules.find(r => r.header.src?.not && / -j KUBE-MARK-MASQ\b/.test(r.text))
        const written = / ! -s (\S+)/.exec(` ${rule?.text ?? ''}`)?.[1]
        if (!rule || written === undefined || judged.has(written)) continue
        judged.add(written)
        const cidr = parsePrefix(written)
        const inIt = cidr && services.find(s => contains(cidr, s) && !own.has(s))
        if (!cidr || inIt === undefined) continue
        found.push(
          aboutRule(
            this.id,
            'error',
            spot,
            rule,
            `the Service address ${inIt} lies inside ${formatPrefix(cidr)}, whose sources kube-proxy does not masquerade on ${netns.name}`,
          ),
        )
        break
      }
      const uplink = netns.isHost
        ? netns.ifaces.filter(i => i.kind === 'physical' || (i.kind === 'veth' && i.master === undefined))
        : []
      for (const pods of clusterCidrs)
        for (const a of uplink.flatMap(i => i.addresses))
          if (contains(pods, a.address) && a.scope === 'global')
            found.push(
              about(
                this.id,
                'warning',
                `the node address ${a.address} of ${netns.name} lies inside the cluster CIDR ${formatPrefix(pods)}`,
                {
                  node: netns.node,
                  netns: netns.name,
                  kind: 'address',
                  detail: `${a.address}/${a.prefixLength}`,
                  ...placeOf(netns, 'ip-addr', line => line.includes(` ${a.address}/`)),
                },
                inside(netns, 'ip addr'),
              ),
            )
    }
    return found
  },
}
