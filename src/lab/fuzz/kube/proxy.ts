import type { Random } from '../random.js'
import { Dump } from './dump.js'
import { type Endpoint, idOf, type Service } from './services.js'

/** How the cluster is set up, and what is wrong with it. */
export interface Setup {
  readonly six: boolean
  /** What tells pods from others: `! -s 10.244.0.0/16`, `! -i cni0`; undefined: not told apart. */
  readonly local: string | undefined
  /** The cluster's network, for the rules that let pods through; undefined where kube-proxy does not know it. */
  readonly clusterCidr: string | undefined
  readonly masqueradeAll: boolean
  readonly randomFully: boolean
  /** `nth` is what recordings use, so that nothing is left to chance. */
  readonly balance: 'nth' | 'random'
  /** Kubernetes before 1.24: KUBE-XLB, KUBE-FW in nat, and marks for what is to be dropped. */
  readonly old: boolean
  readonly forwardPolicy: 'ACCEPT' | 'DROP'
}

const MASQ = '0x4000/0x4000'

/** What kube-proxy in its iptables mode writes on one node (pkg/proxy/iptables, by what its dumps look like). */
export function proxyRules(services: readonly Service[], node: string, setup: Setup, random: Random): Dump {
  const dump = new Dump()
  frame(dump, setup)
  for (const service of services) new Writer(dump, service, node, setup, random).write()
  dump.add(
    'nat',
    'KUBE-SERVICES',
    `-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`,
  )
  return dump
}

/** The chains that are there whatever Services there are, and how packets come to them. */
function frame(dump: Dump, { six, old, clusterCidr, randomFully, forwardPolicy }: Setup): void {
  const state = '-m conntrack --ctstate NEW'
  const note = (text: string) => `-m comment --comment "${text}"`
  for (const chain of ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD'])
    dump.chain('filter', chain)
  for (const chain of ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'])
    dump.chain('nat', chain)
  dump.chain('filter', 'FORWARD', forwardPolicy)
  for (const chain of ['PREROUTING', 'OUTPUT'])
    dump.add('nat', chain, `${note('kubernetes service portals')} -j KUBE-SERVICES`)
  dump.add('nat', 'POSTROUTING', `${note('kubernetes postrouting rules')} -j KUBE-POSTROUTING`)
  dump.add('nat', 'KUBE-MARK-MASQ', `-j MARK --set-xmark ${MASQ}`)
  const needed = note('kubernetes service traffic requiring SNAT')
  const fully = randomFully ? ' --random-fully' : ''
  // before 1.20 the mark stayed
  if (old && !six)
    dump.add('nat', 'KUBE-POSTROUTING', `${needed} -m mark --mark ${MASQ} -j MASQUERADE${fully}`)
  else
    dump.add(
      'nat',
      'KUBE-POSTROUTING',
      `-m mark ! --mark ${MASQ} -j RETURN`,
      '-j MARK --set-xmark 0x4000/0x0',
      `${needed} -j MASQUERADE${fully}`,
    )
  const firewall = `${state} ${note('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`
  const portals = `${state} ${note('kubernetes service portals')} -j KUBE-SERVICES`
  const outside = `${state} ${note('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`
  const forward = `${note('kubernetes forwarding rules')} -j KUBE-FORWARD`
  if (!old) dump.chain('filter', 'KUBE-PROXY-FIREWALL')
  const first = old ? [] : [firewall]
  dump.add(
    'filter',
    'INPUT',
    ...first,
    `${note('kubernetes health check service ports')} -j KUBE-NODEPORTS`,
    outside,
    '-j KUBE-FIREWALL',
  )
  dump.add('filter', 'FORWARD', ...first, forward, portals, outside)
  dump.add('filter', 'OUTPUT', ...first, portals, '-j KUBE-FIREWALL')
  const loop = six ? '::1/128' : '127.0.0.0/8'
  if (old)
    dump.add(
      'filter',
      'KUBE-FIREWALL',
      `${note('kubernetes firewall for dropping marked packets')} -m mark --mark 0x8000/0x8000 -j DROP`,
    )
  dump.add(
    'filter',
    'KUBE-FIREWALL',
    `! -s ${loop} -d ${loop} ${note('block incoming localnet connections')} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
  )
  dump.add(
    'filter',
    'KUBE-FORWARD',
    '-m conntrack --ctstate INVALID -j DROP',
    `${note('kubernetes forwarding rules')} -m mark --mark ${MASQ} -j ACCEPT`,
    `${note('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  )
  if (clusterCidr !== undefined && forwardPolicy === 'DROP')
    dump.add('filter', 'FORWARD', `-s ${clusterCidr} -j ACCEPT`, `-d ${clusterCidr} -j ACCEPT`)
}

/** The rules of one Service. */
class Writer {
  private readonly all: readonly Endpoint[]
  private readonly near: readonly Endpoint[]
  private readonly note: (text: string) => string

  constructor(
    private readonly dump: Dump,
    private readonly service: Service,
    node: string,
    private readonly setup: Setup,
    private readonly random: Random,
  ) {
    this.all = service.endpoints
    this.near = service.endpoints.filter(e => e.node === node)
    this.note = text => `-m comment --comment "${service.name}${text}"`
  }

  write(): void {
    const { service, dump } = this
    const { clusterIp, externalIps, loadBalancerIps, nodePort, internalLocal } = service
    const inside = internalLocal ? this.near : this.all
    const into = `KUBE-${internalLocal ? 'SVL' : 'SVC'}-${service.id}`
    if (inside.length > 0)
      dump.add(
        'nat',
        'KUBE-SERVICES',
        `${this.to(clusterIp)} ${this.note(' cluster IP')} ${this.dport()} -j ${into}`,
      )
    else this.refuse('KUBE-SERVICES', `-d ${this.host(clusterIp)}`, this.dport(), this.all.length > 0)
    const reached = service.externalLocal ? this.near : this.all
    const out = this.outwards()
    for (const ip of externalIps)
      if (reached.length > 0)
        dump.add(
          'nat',
          'KUBE-SERVICES',
          `${this.to(ip)} ${this.note(' external IP')} ${this.dport()} -j ${out}`,
        )
      else this.refuse('KUBE-EXTERNAL-SERVICES', `-d ${this.host(ip)}`, this.dport(), this.all.length > 0)
    for (const ip of loadBalancerIps)
      if (reached.length > 0)
        dump.add(
          'nat',
          'KUBE-SERVICES',
          `${this.to(ip)} ${this.note(' loadbalancer IP')} ${this.dport()} -j ${this.firewall(ip, out)}`,
        )
      else this.refuse('KUBE-EXTERNAL-SERVICES', `-d ${this.host(ip)}`, this.dport(), this.all.length > 0)
    if (nodePort !== undefined)
      if (reached.length > 0)
        dump.add(
          'nat',
          'KUBE-NODEPORTS',
          `-p ${service.proto} ${this.note('')} ${this.dport(nodePort)} -j ${out}`,
        )
      else
        this.refuse(
          'KUBE-EXTERNAL-SERVICES',
          '-m addrtype --dst-type LOCAL',
          this.dport(nodePort),
          this.all.length > 0,
        )
    if (this.all.length === 0) return
    const external = externalIps.length + loadBalancerIps.length > 0 || nodePort !== undefined
    this.balance(`KUBE-SVC-${service.id}`, this.all)
    if ((internalLocal || service.externalLocal) && this.near.length > 0)
      this.balance(`KUBE-SVL-${service.id}`, this.near)
    if (external && reached.length > 0) this.external(out)
    for (const endpoint of this.all) this.endpoint(endpoint)
  }

  private outwards(): string {
    return `KUBE-${this.setup.old ? (this.service.externalLocal ? 'XLB' : 'SVC') : 'EXT'}-${this.service.id}`
  }

  /** Who comes from outside: masqueraded, unless the client's address is to be kept. */
  private external(chain: string): void {
    const { dump, service, setup } = this
    if (chain.startsWith('KUBE-SVC')) return
    const svc = `KUBE-SVC-${service.id}`
    // a forgotten masquerade is what many bug reports are about
    if (!service.externalLocal) {
      if (!this.random.chance(0.1))
        dump.add('nat', chain, `${this.note(' external destinations')} -j KUBE-MARK-MASQ`)
      dump.add('nat', chain, `-j ${svc}`)
      return
    }
    if (setup.clusterCidr !== undefined)
      dump.add('nat', chain, `-s ${setup.clusterCidr} ${this.note(' pods, external destinations')} -j ${svc}`)
    const own = '-m addrtype --src-type LOCAL'
    dump.add('nat', chain, `${this.note(' masquerade LOCAL traffic')} ${own} -j KUBE-MARK-MASQ`)
    dump.add('nat', chain, `${this.note(' route LOCAL traffic')} ${own} -j ${svc}`)
    dump.add('nat', chain, `-j KUBE-SVL-${service.id}`)
  }

  /** A load balancer's address, where only some may come: what is not let on is dropped. */
  private firewall(ip: string, out: string): string {
    const { dump, service, setup } = this
    if (service.sourceRanges.length === 0) return out
    const fw = `KUBE-FW-${service.id}`
    if (setup.old) {
      dump.add('nat', 'KUBE-MARK-DROP', '-j MARK --set-xmark 0x8000/0x8000')
      if (!service.externalLocal) dump.add('nat', fw, `${this.note(' loadbalancer IP')} -j KUBE-MARK-MASQ`)
      for (const range of service.sourceRanges) dump.add('nat', fw, `-s ${range} ${this.note('')} -j ${out}`)
      dump.add('nat', fw, `${this.note('')} -j KUBE-MARK-DROP`)
      return fw
    }
    dump.add(
      'filter',
      'KUBE-PROXY-FIREWALL',
      `${this.to(ip)} ${this.note(' traffic not accepted by')} ${this.dport()} -j ${fw}`,
    )
    for (const range of service.sourceRanges) dump.add('filter', fw, `-s ${range} ${this.note('')} -j RETURN`)
    dump.add('filter', fw, `${this.note(' other traffic is dropped')} -j DROP`)
    return out
  }

  private balance(chain: string, endpoints: readonly Endpoint[]): void {
    const { dump, setup, service } = this
    const { local, masqueradeAll, balance } = setup
    const where = `-d ${this.host(service.clusterIp)}`
    // iptables-save prints sources before destinations, and devices after
    const from = local?.startsWith('! -s') ? `${local} ${where}` : `${where} ${local}`
    const own = `-p ${service.proto} ${this.note(' cluster IP')} ${this.dport()} -j KUBE-MARK-MASQ`
    if (masqueradeAll) dump.add('nat', chain, `${where} ${own}`)
    else if (local !== undefined) dump.add('nat', chain, `${from} ${own}`)
    if (setup.old && service.nodePort !== undefined && !service.externalLocal)
      dump.add('nat', chain, `-p ${service.proto} ${this.dport(service.nodePort)} -j KUBE-MARK-MASQ`)
    const goes = (e: Endpoint) => `${this.note(` -> ${e.address}:${e.port}`)}`
    if (service.affinity)
      for (const e of endpoints)
        dump.add(
          'nat',
          chain,
          `${goes(e)} -m recent --rcheck --seconds 10800 --reap --name ${this.sep(e)} --mask ${this.mask()} --rsource -j ${this.sep(e)}`,
        )
    for (const [at, e] of endpoints.entries()) {
      const left = endpoints.length - at
      const chance =
        left === 1
          ? ''
          : balance === 'nth'
            ? `-m statistic --mode nth --every ${left} --packet 0 `
            : `-m statistic --mode random --probability ${share(left)} `
      dump.add('nat', chain, `${goes(e)} ${chance}-j ${this.sep(e)}`)
    }
  }

  private endpoint(e: Endpoint): void {
    const { dump, service, setup } = this
    const chain = this.sep(e)
    // an old rule, or none: what comes from the endpoint to itself is not masqueraded
    const from = this.random.chance(0.08) ? '' : this.random.chance(0.05) ? this.all[0]!.address : e.address
    if (from !== '') dump.add('nat', chain, `-s ${this.host(from)} ${this.note('')} -j KUBE-MARK-MASQ`)
    const set = service.affinity ? `-m recent --set --name ${chain} --mask ${this.mask()} --rsource ` : ''
    const to = setup.six ? `[${e.address}]:${e.port}` : `${e.address}:${e.port}`
    dump.add(
      'nat',
      chain,
      `-p ${service.proto} ${this.note('')} ${set}-m ${service.proto} -j DNAT --to-destination ${to}`,
    )
  }

  /** Nobody is there to answer: refused, or, where only this node has nobody, dropped. */
  private refuse(chain: string, to: string, dport: string, elsewhere: boolean): void {
    const { six } = this.setup
    const [says, target] = elsewhere
      ? [' has no local endpoints', 'DROP']
      : [' has no endpoints', `REJECT --reject-with ${six ? 'icmp6' : 'icmp'}-port-unreachable`]
    this.dump.add(
      'filter',
      chain,
      to.startsWith('-d')
        ? `${to} -p ${this.service.proto} ${this.note(says)} ${dport} -j ${target}`
        : `-p ${this.service.proto} ${this.note(says)} ${to} ${dport} -j ${target}`,
    )
  }

  private readonly sep = (e: Endpoint): string =>
    `KUBE-SEP-${idOf(`${this.service.name}${e.address}:${e.port}`)}`
  private readonly mask = (): string =>
    this.setup.six ? 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' : '255.255.255.255'
  private host(address: string): string {
    return `${address}/${this.setup.six ? 128 : 32}`
  }
  private to(address: string): string {
    return `-d ${this.host(address)} -p ${this.service.proto}`
  }
  private dport(port = this.service.port): string {
    return `-m ${this.service.proto} --dport ${port}`
  }
}

/** One in `n`, as the kernel keeps it (31 bits) and iptables-save prints it. */
const share = (n: number): string => (Math.round(2 ** 31 / n) / 2 ** 31).toFixed(11)
