import { namespacesOf } from '../../../snapshot/names.js'
import type { Finding } from '../../../talk/conversation.js'
import { parseIp } from '../../../values/ip.js'
import { contains } from '../../../values/prefix.js'
import { nameIn } from '../../provenance.js'
import { inside, whereIpvs } from '../../where.js'
import type { LintCheck } from '../check.js'
import { base32, sha256 } from '../sha256.js'
import { about, aboutRule, chainsOf, leadsTo } from '../walk.js'

/** IPVS services whose address no device has: their packets never reach INPUT, where IPVS waits. */
export const ipvsAddress: LintCheck = {
  id: 'ipvs-without-address',
  title: 'An IPVS service has an address that no device of the node has',
  page: `IPVS takes requests in INPUT and OUTPUT. A packet gets to INPUT only if its destination is an address of the node:
kube-proxy puts every Service address on the dummy device kube-ipvs0 for that. Without it the packet is routed away by
the default route. Cure: ip addr add ADDRESS/32 dev kube-ipvs0 (a restart of kube-proxy does it for all).`,
  look(snapshot) {
    return namespacesOf(snapshot).flatMap(netns => {
      const own = new Set(netns.ifaces.flatMap(i => i.addresses.map(a => a.address as string)))
      const told = Object.keys(netns.files).some(file => file.startsWith('ip-addr'))
      return (told ? (netns.ipvs?.services ?? []) : []).flatMap(s =>
        s.id.kind !== 'address' || own.has(s.id.address)
          ? []
          : about(
              ipvsAddress.id,
              'error',
              `IPVS on ${netns.name} serves ${s.id.address}:${s.id.port}, but no device there has that address`,
              whereIpvs(netns, `${s.id.proto} ${s.id.address}:${s.id.port}`, s.line),
              inside(netns, `ip addr show kube-ipvs0 | grep ${s.id.address}`),
            ),
      )
    })
  },
}

/** Endpoints that rules send to, and that nobody has. */
export const deadTarget: LintCheck = {
  id: 'dead-dnat-target',
  title: 'A rule sends to an address that no pod or node of the snapshot has, or twice to the same one',
  page: `An endpoint that is gone stays in the rules when kube-proxy no longer runs or lags behind: part of the connections
of its Service time out. Only addresses in the networks of this snapshot's own bridges are judged, and only where the
snapshot holds the pods' namespaces. A target that stands twice in one chain gets twice its share.`,
  look(snapshot) {
    const all = namespacesOf(snapshot)
    const own = new Set(all.flatMap(n => n.ifaces.flatMap(i => i.addresses.map(a => a.address as string))))
    const found: Finding[] = []
    const podNodes = new Set(all.filter(n => !n.isHost).map(n => n.node))
    const networks = all
      .filter(n => n.isHost && podNodes.has(n.node))
      .flatMap(n => n.ifaces.filter(i => i.kind === 'bridge').flatMap(i => i.addresses))
      .map(a => ({ base: a.address, length: a.prefixLength }))
    for (const spot of chainsOf(snapshot, 'nat')) {
      const targets = new Map<string, number>()
      spot.chain.rules.forEach((rule, i) => {
        const to = / --to-destination (\S+)/.exec(rule.text)?.[1]
        const address =
          to === undefined
            ? undefined
            : (parseIp(to.replace(/^\[(.*)\].*$/, '$1')) ?? parseIp(to.split(':')[0]!))
        if (to === undefined || !address) return
        if (!own.has(address) && networks.some(n => contains(n, address)))
          found.push(
            aboutRule(
              deadTarget.id,
              'warning',
              spot,
              rule,
              `${nameIn(rule.text) ?? `rule ${i + 1} of ${spot.chain.name}`} sends to ${to}, and no pod of the snapshot has that address`,
            ),
          )
        const key = `${rule.text.replace(/ -m statistic.*? -j/, ' -j')}`
        const before = targets.get(key)
        if (before !== undefined)
          found.push(
            aboutRule(
              deadTarget.id,
              'info',
              spot,
              rule,
              `rules ${before} and ${i + 1} of ${spot.chain.name} both send to ${to}`,
            ),
          )
        else targets.set(key, i + 1)
      })
    }
    return found
  },
}

/** NodePorts that are sent on without being marked for masquerading, and marks that nobody acts on. */
export const natWithoutMasquerade: LintCheck = {
  id: 'nat-without-masquerade',
  title: 'Traffic is sent on without the masquerading that its answers need',
  page: `What comes from outside to a NodePort and is sent on to another node must be masqueraded, or the pod answers the
client directly and the client refuses an answer from an address that it never asked. kube-proxy marks such packets
(KUBE-MARK-MASQ) and masquerades marked ones in KUBE-POSTROUTING; where either part is missing, it fails for endpoints
on other nodes. With externalTrafficPolicy Local it is left out on purpose, and only local endpoints are used.`,
  look(snapshot) {
    const found: Finding[] = []
    for (const spot of chainsOf(snapshot, 'nat')) {
      const { chain, table } = spot
      if (chain.name === 'KUBE-NODEPORTS')
        for (const rule of chain.rules) {
          if (rule.jump.kind !== 'jump' || !/^KUBE-(SVC|EXT|XLB)-/.test(rule.jump.chain)) continue
          const number = chain.rules.indexOf(rule)
          const port = / --dport (\d+)/.exec(rule.text)?.[1]
          const marked = chain.rules
            .slice(0, number)
            .some(r => / -j KUBE-MARK-MASQ\b/.test(r.text) && r.text.includes(` --dport ${port} `))
          const chains = leadsTo(table, rule.jump.chain)
          const local = [...chains].some(c => /^KUBE-(SVL|XLB)-/.test(c))
          if (!marked && !local && !unconditional(table, chains))
            found.push(
              aboutRule(
                natWithoutMasquerade.id,
                'warning',
                spot,
                rule,
                `node port ${port ?? ''} (${nameIn(rule.text) ?? rule.jump.chain}) is sent on without KUBE-MARK-MASQ`,
              ),
            )
        }
      if (chain.name === 'KUBE-MARK-MASQ') {
        const post = leadsTo(table, 'POSTROUTING')
        const acts = table.chains.some(
          c => post.has(c.name) && c.rules.some(r => / -j (MASQUERADE|SNAT)\b/.test(r.text)),
        )
        const [first] = chain.rules
        if (!acts && first)
          found.push(
            aboutRule(
              natWithoutMasquerade.id,
              'error',
              spot,
              first,
              `packets are marked for masquerading on ${spot.netns.name}, and no rule that POSTROUTING leads to masquerades`,
            ),
          )
      }
    }
    return found
  },
}

/** Does a chain on the way mark everything, whatever its source? */
const unconditional = (table: Parameters<typeof leadsTo>[0], chains: ReadonlySet<string>): boolean =>
  table.chains.some(
    c => chains.has(c.name) && c.rules.some(r => / -j KUBE-MARK-MASQ\b/.test(r.text) && !r.header.src),
  )

/** kube-proxy names chains by a hash of what they are for (pkg/proxy/iptables/proxier.go portProtoHash, servicePortEndpointChainName). */
export const kubeHash: LintCheck = {
  id: 'kube-chain-hash',
  title: "A kube-proxy chain's name does not belong to the Service in its comment",
  page: `kube-proxy names a chain KUBE-SVC-… by the first 16 letters of base32(sha256("namespace/name:port" + protocol)), and
KUBE-SEP-… with the endpoint behind the protocol. Where the hash does not belong to the Service that the comment names,
the rules were edited by hand, copied from another cluster, or written by something else; kube-proxy will not find and
not clean them.`,
  look(snapshot) {
    const found: Finding[] = []
    for (const spot of chainsOf(snapshot, 'nat'))
      for (const rule of spot.chain.rules) {
        const target = 'chain' in rule.jump ? rule.jump.chain : undefined
        const name = nameIn(rule.text)
        const parts = target === undefined ? null : /^KUBE-(SVC|SVL|EXT|XLB|FW)-([A-Z2-7]{16})$/.exec(target)
        const proto = / -p (tcp|udp|sctp)/.exec(rule.text)?.[1]
        if (!parts || name === undefined || proto === undefined) continue
        const expected = base32(sha256(name + proto)).slice(0, 16)
        if (expected === parts[2]) continue
        found.push(
          aboutRule(
            kubeHash.id,
            'warning',
            spot,
            rule,
            `${target} is named as the chain of ${name} (${proto}), whose chain would be KUBE-${parts[1]}-${expected}`,
          ),
        )
      }
    return found
  },
}

/** Rules of both back ends on one node. */
export const backendMix: LintCheck = {
  id: 'mixed-backends',
  title: 'A node has rules of both iptables back ends',
  page: `iptables-nft and iptables-legacy keep their rules apart, and the kernel asks both. Each tool shows only its own:
a DROP of one is invisible in the listing of the other. It happens when a container brings its own iptables, or after an
upgrade of the distribution. Cure: decide for one (update-alternatives --set iptables), flush the other, restart what
writes rules.`,
  look(snapshot) {
    return namespacesOf(snapshot).flatMap(netns =>
      (['ipv4', 'ipv6'] as const).flatMap(family => {
        const own = netns.rulesets.filter(
          r => r.family === family && r.tables.some(t => t.chains.some(c => c.rules.length > 0)),
        )
        const [first, second] = own
        if (!first || !second || new Set(own.map(r => r.backend)).size < 2) return []
        const rule = second.tables.flatMap(t => t.chains.flatMap(c => c.rules)).at(0)!
        return about(
          backendMix.id,
          'warning',
          `${netns.name} has ${family} rules of both back ends, in ${first.file} and ${second.file}: the kernel asks both`,
          {
            node: netns.node,
            netns: netns.name,
            kind: 'rule',
            detail: rule.text,
            file: second.file,
            line: rule.line,
          },
          inside(netns, 'iptables-nft-save; iptables-legacy-save'),
        )
      }),
    )
  },
}
