/** Who wrote a rule, and for what, as far as names tell. */
export interface Maker {
  readonly by: string
  /** Service (`namespace/name:port`), endpoint, or what else the rule serves. */
  readonly about?: string
  /** What to look at, to see why it was written. */
  readonly ask?: string
}

export interface NamedRule {
  readonly table?: string
  readonly chain: string
  readonly text: string
}

/** Chains by the software that names them; the first that fits counts. */
const CHAINS: readonly (readonly [RegExp, string, string?])[] = [
  [/^KUBE-(KUBELET-CANARY|FIREWALL|IPTABLES-HINT)/, 'kubelet'],
  [
    /^KUBE-(ROUTER|POD-FW|NWPLCY|SRC-|DST-|NODEPORT-|LOCAL-|SVC-POLICY|DEFAULT)/,
    'kube-router',
    'NetworkPolicy',
  ],
  [/^KUBE-/, 'kube-proxy', 'Service'],
  [/^FLANNEL-/, 'flannel'],
  [/^cali-/, 'Calico', 'NetworkPolicy'],
  [/^(OLD_)?CILIUM_/, 'Cilium', 'CiliumNetworkPolicy'],
  [/^WEAVE(-|$)/, 'Weave Net', 'NetworkPolicy'],
  [/^(DOCKER(-|$)|DOCKER_OUTPUT$|DOCKER_POSTROUTING$)/, 'Docker'],
  [/^CNI-(HOSTPORT|DN|SN|OPENPORT)/, 'the CNI portmap plugin', 'hostPort'],
  [/^CNI-(FORWARD|ADMIN)/, 'the CNI firewall plugin'],
  [/^CNI-[0-9a-f]{24}$/, 'the CNI bridge plugin (ipMasq)'],
  [/^NETAVARK/, 'podman (netavark)'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^ISTIO_/, 'Istio', 'Sidecar'],
  [/^LINKERD_|^PROXY_INIT_/, 'Linkerd'],
  [/^ufw6?-/, 'ufw'],
  [
    /^(IN|FWD[IO]?|FWO|PRE|POST|OUT|FORWARD|INPUT|OUTPUT|PREROUTING|POSTROUTING)_.*(direct|public|trusted|ZONES|IN_|rule|docker|policy|internal|external|home|work|dmz|drop|block|zone)/i,
    'firewalld',
  ],
  [/^f2b-/, 'fail2ban'],
  [/^ts-(input|forward|postrouting)$/, 'Tailscale'],
  [/^(SHOREWALL|sw-|logdrop|logflags|reject$|smurfs$|tcpflags$)/, 'Shorewall'],
  [/^ANTREA-/, 'Antrea'],
  [/^AZURE-NPM/, 'Azure NPM', 'NetworkPolicy'],
  [/^AWS-(SNAT|CONNMARK)-CHAIN/, 'the AWS VPC CNI'],
  [/^IP-MASQ(-AGENT)?/, 'ip-masq-agent'],
  [/^OVN-KUBE-/, 'OVN-Kubernetes', 'Service'],
  [/^sshuttle-/, 'sshuttle'],
  [/^KILO-/, 'Kilo'],
  [/^(zone_\w+|syn_flood|(input|output|forwarding|prerouting|postrouting)(_\w+)?_rule)$/, 'OpenWrt'],
]

/** Comments and jumps that tell of rules in chains of the kernel's own. */
const COMMENTS: readonly (readonly [RegExp, string])[] = [
  [/kubernetes (service|externally|forwarding|postrouting|load balancer|health check|ipvs)/, 'kube-proxy'],
  [/kube-proxy/, 'kube-proxy'],
  [/flanneld? (masq|forward)/, 'flannel'],
  [/"?cali:/, 'Calico'],
  [/cilium[- :]/i, 'Cilium'],
  [/"?(kube-router|rule to (?:explicitly|jump|mark|permit|drop|allow|masq))/i, 'kube-router'],
  [/CNI portfwd|dnat name: "|CNI portmap/, 'the CNI portmap plugin'],
  [/CNI firewall plugin/, 'the CNI firewall plugin'],
  [/name: \\?".+\\?" id: \\?"/, 'the CNI bridge plugin (ipMasq)'],
  [/'dapp_|ufw/, 'ufw'],
  [/AWS[ ,-]/, 'the AWS VPC CNI'],
  [/ip-masq-agent/, 'ip-masq-agent'],
]

export const commentOf = (text: string): string | undefined => {
  const parts = / --comment (?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(text)
  return parts ? (parts[1] ?? parts[2])!.replace(/\\(.)/g, '$1') : undefined
}

/** The Service (`namespace/name:port`) that a comment of kube-proxy names. */
export function nameIn(text: string): string | undefined {
  const comment = commentOf(text)
  return comment === undefined
    ? undefined
    : /(?:^|\s)([a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*(?::[\w-]+)?)(?=\s|$)/.exec(comment)?.[1]
}

/** Who made a rule: from its chain, else the chain that it jumps to, else its comment. */
export function makerOf(rule: NamedRule): Maker | undefined {
  const { chain, text } = rule
  const target = / -[jg] (\S+)/.exec(text)?.[1]
  const comment = commentOf(text)
  const byName = (name: string | undefined) =>
    name === undefined ? undefined : CHAINS.find(([pattern]) => pattern.test(name))
  const found = byName(chain) ?? byName(target)
  const said = comment === undefined ? undefined : COMMENTS.find(([pattern]) => pattern.test(comment))
  const by = found?.[1] ?? said?.[1] ?? dockerByDevice(rule)
  if (by === undefined) return undefined
  const about = aboutOf(rule, comment)
  return {
    by,
    ...(about === undefined ? {} : { about }),
    ...(found?.[2] === undefined ? {} : { ask: found[2] }),
  }
}

/** Docker and libvirt put rules without a comment into chains of the kernel's own. */
function dockerByDevice({ chain, text }: NamedRule): string | undefined {
  if (!/^(FORWARD|POSTROUTING|PREROUTING|INPUT|OUTPUT)$/.test(chain)) return undefined
  if (/ -[io] (docker0|br-[0-9a-f]{12})\b/.test(text)) return 'Docker'
  if (/ -[io] virbr\d+\b/.test(text)) return 'libvirt'
  if (/ -[io] (podman|cni-podman)\d+\b/.test(text)) return 'podman'
  if (/ -[io] cali\w+/.test(text)) return 'Calico'
  return undefined
}

function aboutOf({ chain, text }: NamedRule, comment: string | undefined): string | undefined {
  const service = nameIn(text)
  const endpoint = /^KUBE-SEP-/.test(chain) ? / --to-destination (\S+)/.exec(text)?.[1] : undefined
  const nodePort = chain === 'KUBE-NODEPORTS' ? / --dport (\d+)/.exec(text)?.[1] : undefined
  const parts = [
    service && `Service ${service}`,
    endpoint && `endpoint ${endpoint}`,
    nodePort && `node port ${nodePort}`,
  ].filter(part => part)
  if (parts.length > 0) return parts.join(', ')
  return comment === undefined ? undefined : `“${comment.slice(0, 80)}”`
}

/** `made by kube-proxy for Service default/web:http`, or nothing where nobody is known. */
export function describeMaker(rule: NamedRule): string {
  const maker = makerOf(rule)
  if (!maker) return /^[A-Z]+$/.test(rule.chain) ? 'no known software signs it: perhaps made by hand' : ''
  return `made by ${maker.by}${maker.about === undefined ? '' : ` for ${maker.about}`}`
}
