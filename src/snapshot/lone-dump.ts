import { FRESH_PORT, type Iface, type InterfaceAddress } from '../model/iface.js'
import type { Problem } from '../model/place.js'
import type { Snapshot } from '../model/snapshot.js'
import { inputError } from '../parse/problems.js'
import { type Family, type Ip, familyOf, widthOf } from '../values/ip.js'
import { type Prefix, contains, parsePrefix } from '../values/prefix.js'
import type { DumpFile } from './files.js'
import { assemble } from './load.js'
import { addRoutes, at, device, mac } from './lone-devices.js'
import {
  type Hints,
  askedAddress,
  freeAddress,
  guessNodeAddress,
  guessPodNetwork,
  hintsOf,
  isPrivate,
  prefixText,
} from './lone-topology.js'
import { type NetnsDraft, readNetns } from './read-netns.js'
import { readSettings } from './settings.js'
import { Assumptions, LOOPBACK, suppose } from './suppose.js'
import { parseSysctlEdit } from './with-sysctl.js'

/** Lone dumps, and the little that is known of where they were taken. */
export interface LoneDump {
  readonly iptables?: DumpFile
  readonly ip6tables?: DumpFile
  readonly ipset?: DumpFile
  /** `ipvsadm -Ln` or `-Sn`. */
  readonly ipvs?: DumpFile
  /** One prefix, or one of each family with a comma between. */
  readonly podCidr?: string
  /** Address of the uplink, with or without prefix length; of each family with a comma between. */
  readonly nodeAddress?: string
  readonly bridge?: string
  /** `key=value`, for the node. */
  readonly sysctls?: readonly string[]
  /** The question's ends as asked; addresses among them get a place in the world. */
  readonly src?: string
  readonly dst?: string
}

/** Pods of their own; the addresses of further backends share one. */
const MOST_PODS = 60
/** Addresses of the pod that stands for the rest. */
const MOST_ADDRESSES = 4096

/**
 * Makes a world around a lone dump: a node with uplink and bridge, a client pod, pods where backends lie in the pods'
 * network, and a host outside that has all other addresses asked about. All of it is listed in `assumptions`.
 * @throws InputError if an option is malformed or no dump is given
 */
export function loneDumpSnapshot(input: LoneDump): Snapshot {
  const files = new Map<string, DumpFile>()
  for (const [name, file] of [
    ['iptables-save.txt', input.iptables],
    ['ip6tables-save.txt', input.ip6tables],
    ['ipset-save.txt', input.ipset],
    ['ipvsadm.txt', input.ipvs],
  ] as const)
    if (file) files.set(name, file)
  if (files.size === 0) throw inputError('lone dump', 'no dump is given')
  const notes = new Assumptions()
  const read = readNetns({ name: 'node', folder: 'node', node: 'node', isHost: true }, files)
  const node = read.netns
  for (const spec of input.sysctls ?? []) {
    const { key, value } = parseSysctlEdit(spec)
    node.sysctl = Object.assign(Object.create(null), node.sysctl, { [key]: value })
  }
  const world = new LoneWorld(node, input, notes)
  world.build()
  notes.add(read.notes)
  const known = { addresses: false, routes: false, rules: false, portFlags: [] }
  suppose(node, { ...read.lacks, ...known }, notes)
  for (const other of world.others)
    suppose(other, { ...known, sysctl: false, listeners: false, iptables: false }, notes)
  const settings = { ...readSettings('', ''), clusterCidrs: world.networks }
  const problems: readonly Problem[] = read.problems
  return assemble([node, ...world.others], settings, notes, problems, {
    title: [...files.values()].map(f => f.path).join(', '),
  })
}

/** The world while it is made up. */
class LoneWorld {
  readonly others: NetnsDraft[] = []
  readonly networks: Prefix[] = []
  private readonly bridge: string
  private readonly uplink: InterfaceAddress[] = []
  private readonly gateway: InterfaceAddress[] = []
  private readonly dummy: InterfaceAddress[] = []
  private readonly outside: InterfaceAddress[] = []
  private readonly ports: Iface[] = []
  private readonly pods = new Map<string, InterfaceAddress[]>()
  private readonly hints: ReadonlyMap<Family, Hints>

  constructor(
    private readonly node: NetnsDraft,
    private readonly input: LoneDump,
    private readonly notes: Assumptions,
  ) {
    const families = (['ipv4', 'ipv6'] as const).filter(family => this.speaksOf(family))
    this.hints = new Map(families.map(f => [f, hintsOf(node.rulesets, node.ipvs, f)]))
    const named = [...this.hints.values()].flatMap(h => [...h.bridges])
    this.bridge = input.bridge ?? named[0] ?? 'cni0'
    if (!/^[^\s/:]{1,15}$/.test(this.bridge))
      throw inputError('--bridge', `${this.bridge.slice(0, 40)}: not the name of an interface`)
  }

  private speaksOf(family: Family): boolean {
    const asked = [askedAddress(this.input.src), askedAddress(this.input.dst)]
    const inIpvs = this.node.ipvs?.services.some(
      s => s.id.kind === 'address' && familyOf(s.id.address) === family,
    )
    const inRules = this.node.rulesets.some(r => r.family === family)
    const given =
      (this.input.podCidr ?? '').includes(':') === (family === 'ipv6') && this.input.podCidr !== undefined
    return inRules || inIpvs === true || given || asked.some(a => a !== undefined && familyOf(a) === family)
  }

  build(): void {
    for (const [family, hints] of this.hints) this.addFamily(family, hints)
    for (const [i, [name, addresses]] of [...this.pods].entries()) this.addPod(name, addresses, i)
    this.node.ifaces = [
      LOOPBACK,
      device('eth0', 2, 'physical', this.uplink),
      device(this.bridge, 3, 'bridge', this.gateway),
      ...(this.dummy.length > 0
        ? [{ ...device('kube-ipvs0', 4, 'dummy', this.dummy), up: false, noarp: true }]
        : []),
      ...this.ports,
    ]
    const far = this.netns('outside', true)
    far.ifaces = [LOOPBACK, { ...device('eth0', 2, 'physical', this.outside), mac: mac(0x30000) }]
    addRoutes(far, this.uplink)
    addRoutes(
      this.node,
      this.outside.filter(a => a.prefixLength < widthOf(a.family)),
    )
    this.others.push(far)
  }

  private addFamily(family: Family, hints: Hints): void {
    const width = widthOf(family)
    const asked = [askedAddress(this.input.src), askedAddress(this.input.dst)].filter(
      (a): a is Ip => a !== undefined && familyOf(a) === family,
    )
    const given = pick(this.input.podCidr, family, '--pod-cidr')
    const { prefix, why } = given ? { prefix: given, why: 'given' } : guessPodNetwork(hints, asked, family)
    this.networks.push(prefix)
    const nodeText = pick(this.input.nodeAddress, family, '--node-address')
    const own = guessNodeAddress(
      nodeText ? `${nodeText.base}/${nodeText.length}` : undefined,
      hints,
      prefix,
      family,
    )
    const services = new Set(hints.services)
    const places = [...new Set([...asked.filter(a => !this.isVirtual(a)), ...hints.backends])].filter(
      a => a !== own.base && !services.has(a),
    )
    const inPods = places.filter(a => contains(prefix, a))
    const used = new Set<Ip>([...inPods, own.base])
    const gateway = hints.ofNode.find(a => contains(prefix, a)) ?? freeAddress(prefix, used)
    this.uplink.push(at(own.base, own.length))
    this.gateway.push(at(gateway, prefix.length))
    for (const service of hints.services)
      if (service !== own.base && service !== gateway) this.dummy.push(at(service, width))
    used.add(gateway)
    const src = askedAddress(this.input.src)
    const client =
      src !== undefined && used.has(src) && contains(prefix, src) ? src : freeAddress(prefix, used)
    this.place('client', client, prefix)
    for (const address of inPods) if (address !== client) this.place(this.podName(address), address, prefix)
    const network = { base: own.base, length: own.length }
    this.outside.push(at(freeAddress(network, new Set([...places, own.base])), own.length))
    // a backend outside the pods' network is another machine; a service's address is nobody's
    const elsewhere = places.filter(a => !contains(prefix, a) && !this.isNobodys(a, hints))
    for (const address of elsewhere.slice(0, MOST_ADDRESSES)) this.outside.push(at(address, width))
    this.notes.add([
      `the pods' network ${prefixText(prefix)} (${why}) lies behind ${this.bridge} of the node`,
      `the node's address is ${own.base}/${own.length} on eth0 (${own.why})`,
    ])
    if (inPods.length > 0)
      this.notes.add(
        `pods stand behind ${this.bridge} at ${inPods.slice(0, 5).join(', ')}${inPods.length > 5 ? ` and ${inPods.length - 5} more` : ''}`,
      )
    if (inPods.length > MOST_PODS + MOST_ADDRESSES)
      this.notes.add(`only ${MOST_PODS + MOST_ADDRESSES} of ${inPods.length} backends got a pod`)
    if (elsewhere.length > 0)
      this.notes.add(
        'every other address that was asked about or is a backend is a host outside, and answers',
      )
  }

  /** An address that rules translate: asked for as a service, not as a machine. */
  private isVirtual(address: Ip): boolean {
    const written = [` -d ${address}/`, ` -d ${address} `]
    return this.node.rulesets.some(r =>
      r.tables.some(
        t =>
          t.name === 'nat' &&
          t.chains.some(c => c.rules.some(rule => written.some(w => rule.text.includes(w)))),
      ),
    )
  }

  /** Of a cluster, a private address that no rule knows is that of a service which was never set up. */
  private isNobodys(address: Ip, hints: Hints): boolean {
    if (address !== askedAddress(this.input.dst) || !isPrivate(address) || hints.backends.includes(address))
      return false
    const kube = this.node.rulesets.some(r =>
      r.tables.some(t => t.chains.some(c => c.name.startsWith('KUBE-'))),
    )
    if (kube) this.notes.add(`nobody has ${address}: no rule and no service knows it`)
    return kube
  }

  private podName(address: Ip): string {
    return this.pods.size < MOST_PODS ? `pod-${address}` : 'more-pods'
  }

  private place(name: string, address: Ip, network: Prefix): void {
    const addresses = this.pods.get(name) ?? []
    this.pods.set(name, addresses)
    if (addresses.length < MOST_ADDRESSES)
      addresses.push({ ...at(address, network.length), secondary: addresses.length > 0 })
  }

  private addPod(name: string, addresses: readonly InterfaceAddress[], i: number): void {
    const pod = this.netns(name, false)
    const index = 10 + i
    pod.ifaces = [
      LOOPBACK,
      {
        ...device('eth0', 2, 'veth', addresses),
        linkIndex: index,
        linkElsewhere: true,
        mac: mac(0x20000 + i),
      },
    ]
    addRoutes(
      pod,
      this.gateway.filter(g => addresses.some(a => a.family === g.family)),
    )
    this.others.push(pod)
    this.ports.push({
      ...device(`veth${i}`, index, 'veth', []),
      mac: mac(0x10000 + i),
      linkIndex: 2,
      linkElsewhere: true,
      linkNetns: name,
      master: this.bridge,
      bridgePort: FRESH_PORT,
    })
  }

  private netns(name: string, isNode: boolean): NetnsDraft {
    const draft = readNetns(
      { name, folder: name, node: isNode ? name : 'node', isHost: isNode },
      new Map(),
    ).netns
    this.notes.of(draft, 'made up for the lone dump, and supposed to answer on every port')
    return draft
  }
}

/** The prefix of one family out of an option. @throws InputError if a part of it is no prefix */
function pick(text: string | undefined, family: Family, option: string): Prefix | undefined {
  const prefixes = (text ?? '').split(',').flatMap(part => {
    if (part.trim() === '') return []
    const prefix = parsePrefix(part.trim())
    if (!prefix) throw inputError(option, `${part.slice(0, 60)}: not an address or prefix`)
    return prefix
  })
  return prefixes.find(p => familyOf(p.base) === family)
}
