import type { Listener, Netns, Snapshot } from '../model/snapshot.js'
import { familyOf } from '../values/ip.js'
import { namespacesOf } from '../snapshot/names.js'
import type { ResolvedFlow } from '../talk/conversation.js'
import { type Agent, LabError } from './agent.js'
import type { AskOptions, Driver, Observation } from './driver.js'
import { freshSteps } from './fresh.js'
import { hasLegacy } from './legacy-trace.js'
import { type Has, hasServices, type Making, makingsOf, planSpace, type SpacePlan } from './plan.js'
import { type RawAnswer, readAnswer } from './read-answer.js'
import { standIns } from './stand-ins.js'

/** What a fresh namespace may have inherited from the machine, set to what a dump's silence means. */
const BASELINE: readonly (readonly [string, string])[] = [
  ...['all', 'default'].flatMap(dev => [
    [`net/ipv4/conf/${dev}/rp_filter`, '0'] as const,
    [`net/ipv6/conf/${dev}/accept_dad`, '0'] as const,
    [`net/ipv6/conf/${dev}/accept_ra`, '0'] as const,
    [`net/ipv6/conf/${dev}/addr_gen_mode`, '1'] as const,
    [`net/ipv6/conf/${dev}/disable_ipv6`, '0'] as const,
    // reports of groups pass the tables too: all of them when a device comes up (ms), none in the middle of a flow
    [`net/ipv6/conf/${dev}/mldv2_unsolicited_report_interval`, '10'] as const,
    [`net/ipv4/conf/${dev}/igmpv3_unsolicited_report_interval`, '10'] as const,
  ]),
  ['net/ipv4/ip_forward', '0'],
  ['net/ipv4/ping_group_range', '0 2147483647'],
  ['net/ipv4/tcp_timestamps', '1'],
  // a server's second SYN-ACK would come in the middle of the next flow
  ['net/ipv4/tcp_synack_retries', '0'],
]

const isBridgeNf = ([path]: readonly [string, string]): boolean => path.includes('/bridge-nf-call-')
const asksBridgeNf = (setting: readonly [string, string]): boolean =>
  isBridgeNf(setting) && setting[1] !== '0'

/**
 * A device that gives up soon where nobody answers its ARP, does not ask again for what it knows, and answers at once
 * for others (pneigh_enqueue() waits for up to 0.8 s).
 */
const hasty = (dev: string): (readonly [string, string])[] =>
  ['ipv4', 'ipv6'].flatMap(f => [
    [`net/${f}/neigh/${dev}/retrans_time_ms`, '60'] as const,
    [`net/${f}/neigh/${dev}/delay_first_probe_time`, '60'] as const,
    [`net/${f}/neigh/${dev}/proxy_delay`, '0'] as const,
  ])

/** What agent-program/ipvs.py says where connections do not end. */
const IPVS_STAYS = 'connections of IPVS do not go'

/** Time-outs in seconds: shorter than the first repetition of a SYN, longer than the first ones of data. */
const PATIENCE = {
  connectTimeout: 0.7,
  answerTimeout: 0.55,
  tcpAnswerTimeout: 0.9,
  quiet: 0.06,
  patient: 0.25,
  /** In less nothing is repeated. */
  short: 0.1,
  /** The pause before the question, which is in the measured round trip and so in each wait for a repetition, too. */
  slower: 0.08,
} as const

interface Built {
  readonly plans: readonly SpacePlan[]
  readonly spaces: ReadonlyMap<string, string>
  readonly all: readonly string[]
  /** Where `xtables-monitor` runs, and where legacy rules are logged. */
  readonly watched: readonly string[]
  readonly logged: readonly string[]
  readonly has: Has
}

/** A real kernel: each world in network namespaces of its own. Several drivers may share one agent. */
export class KernelDriver implements Driver {
  readonly name = 'kernel'
  private built: Built | undefined
  private snapshot: Snapshot | undefined
  /** Client ports of the flows before: what still comes of those is not this flow's. */
  private readonly past = new Set<number>()
  private round = 0
  constructor(private readonly agent: Agent) {}

  async load(snapshot: Snapshot): Promise<readonly string[]> {
    await this.unload()
    this.snapshot = snapshot
    const has = await this.abilities(snapshot)
    const notes = standIns(snapshot, has)
    const names = namespacesOf(snapshot).map(n => n.name)
    const spaces = new Map(names.map(name => [name, this.agent.newSpace()]))
    const cableSpace = this.agent.newSpace()
    const all = [...spaces.values(), cableSpace]
    this.built = { plans: [], spaces, all, watched: [], logged: [], has }
    this.past.clear()
    await this.agent.ask('spaces', { spaces: all })
    await Promise.all(all.map(ns => this.agent.ask('sysctl', { ns, values: BASELINE })))
    await this.make(makingsOf(snapshot, has), spaces, cableSpace, notes)
    const plans = namespacesOf(snapshot).map(netns => planSpace(netns, has))
    if (plans.some(plan => plan.sysctls.some(asksBridgeNf))) await this.agent.can('bridge-nf')
    for (const plan of plans) {
      const ns = spaces.get(plan.netns.name)!
      await this.agent.exec(ns, ['ip', 'link', 'set', 'lo', 'up'])
      await this.batch(ns, plan.ip, notes)
      if (plan.fdb.length > 0)
        await this.agent.exec(ns, ['bridge', '-force', '-batch', '-'], `${plan.fdb.join('\n')}\n`, true)
      await this.agent.ask('sysctl', { ns, values: plan.netns.ifaces.flatMap(i => hasty(i.name)) })
      const { failed } = (await this.agent.ask('sysctl', { ns, values: plan.sysctls })) as never as {
        failed: [string, string][]
      }
      // without br_netfilter no bridge calls iptables: as 0 has it
      const wanted = plan.sysctls.filter(s => asksBridgeNf(s) || !isBridgeNf(s)).map(([path]) => path)
      const most = failed.filter(
        ([path]) => /rp_filter|forward|bridge|route_localnet|\/vs\//.test(path) && wanted.includes(path),
      )
      for (const [path, why] of most) notes.push(`${plan.netns.name}: ${path}: ${why}`)
      if (plan.ipset !== '') await this.agent.exec(ns, ['ipset', 'restore'], plan.ipset)
      const listened = (await this.agent.ask('listen', {
        ns,
        // TPROXY hands packets to transparent sockets alone; a dump does not tell which are
        transparent: plan.rules.some(rule => rule.text.includes('-j TPROXY')),
        listeners: plan.netns.listeners
          .filter(l => isProgram(plan.netns, l) && (has.sctp || l.proto !== 'sctp'))
          .map(listenerQuestion),
      })) as never as { failed: unknown[][] }
      for (const words of listened.failed) notes.push(`${plan.netns.name}: listen ${words.join(' ')}`)
    }
    const watched = plans.filter(p => p.rules.length > 0).map(p => spaces.get(p.netns.name)!)
    await Promise.all(watched.map(ns => this.agent.ask('monitor', { ns })))
    await this.agent.ask('tap', { spaces: [...spaces.values()] })
    const logged = has.legacyTrace
      ? plans.filter(p => hasLegacy(p.netns)).map(p => spaces.get(p.netns.name)!)
      : []
    await this.agent.ask('log', { spaces: logged })
    this.built = { plans, spaces, all, watched, logged, has }
    return notes
  }

  /** Of what the world asks for, what the kernel has. */
  private async abilities(snapshot: Snapshot): Promise<Has> {
    const spaces = namespacesOf(snapshot)
    const dummy = spaces.some(n => n.ifaces.some(i => i.kind === 'dummy'))
    return {
      dummy: dummy && (await this.agent.can('dummy')),
      ipvs: spaces.some(hasServices) && (await this.agent.can('ipvs')),
      sctp: spaces.some(n => n.listeners.some(l => l.proto === 'sctp')) && (await this.agent.can('sctp')),
      legacyTrace: spaces.some(hasLegacy) && (await this.agent.can('legacy-trace')),
    }
  }

  /** Other rules in the same world: what the next flow is asked under. */
  reload(snapshot: Snapshot): void {
    if (!this.built) throw new LabError('no world is built')
    const { has } = this.built
    this.snapshot = snapshot
    this.built = { ...this.built, plans: namespacesOf(snapshot).map(netns => planSpace(netns, has)) }
  }

  async ask(flow: ResolvedFlow, options: AskOptions = {}): Promise<Observation> {
    try {
      return await this.askOnce(flow, options)
    } catch (error) {
      // a connection of IPVS that leads to no real server (cache_bypass) goes with its namespace alone
      if (!(error instanceof LabError && error.message.includes(IPVS_STAYS)) || !this.snapshot) throw error
      await this.load(this.snapshot)
      return this.askOnce(flow, options)
    }
  }

  private async askOnce(
    flow: ResolvedFlow,
    { before = [], patient = false, lasts = 0 }: AskOptions,
  ): Promise<Observation> {
    const { built } = this
    if (!built) throw new LabError('no world is built')
    const { plans, spaces, watched, logged } = built
    this.round++
    const space = (name: string) => spaces.get(name)!
    const families = (p: SpacePlan) => [
      ...new Set([...p.rules.map(r => r.family), ...p.connections.map(c => familyOf(c.original.src))]),
    ]
    const question = (flow: ResolvedFlow) => ({
      ns: space(flow.netns),
      proto: flow.proto,
      ...(flow.bind !== undefined && { bind: flow.bind }),
      sport: flow.sport,
      dst: flow.dst,
      dport: flow.dport,
      payload: flow.payload ?? (flow.proto === 'icmp' ? 56 : 1),
      connectTimeout: PATIENCE.connectTimeout,
      answerTimeout: flow.proto === 'tcp' ? PATIENCE.tcpAnswerTimeout : PATIENCE.answerTimeout,
    })
    const answer = (await this.agent.ask('flow', {
      ...question(flow),
      before: before.map(({ flow, end }) => ({ ...question(flow), end })),
      // what is traced is told by programs that a slow machine gets to later
      quiet: Math.max(patient ? PATIENCE.patient : PATIENCE.quiet, 4 * this.agent.machine.pace),
      lasts: lasts > PATIENCE.short ? lasts + PATIENCE.slower : lasts,
      watch: watched,
      servers: [...spaces.values()],
      tapped: [...spaces.values()],
      logged,
      prepare: plans.flatMap(p => freshSteps(p, space(p.netns.name), this.round)),
      conntrack: plans.flatMap(p => families(p).map(f => [space(p.netns.name), f])),
      ipvs: plans.filter(p => p.ipvs !== '').map(p => space(p.netns.name)),
    })) as never as RawAnswer
    await Promise.all(answer.died.map(ns => this.agent.ask('monitor', { ns })))
    const isOurs = (port: number) => port === flow.sport || !this.past.has(port)
    const observation = readAnswer(answer, plans, spaces, isOurs)
    for (const { sport } of [flow, ...before.map(b => b.flow)]) this.past.add(sport)
    return observation
  }

  /** What a namespace of the snapshot is called on this machine. */
  space(netns: string): string {
    const ns = this.built?.spaces.get(netns)
    if (ns === undefined) throw new LabError(`no namespace ${netns} is built`)
    return ns
  }

  /** Runs a program in the namespace of this name. For dumps of what was built. */
  async exec(netns: string, argv: readonly string[]): Promise<string> {
    return (await this.agent.exec(this.space(netns), argv, undefined, true)).out
  }

  private async batch(ns: string, lines: readonly string[], notes: string[]): Promise<void> {
    // a batch is of one family: devices first, then what is of IPv4, then of IPv6
    for (const family of ['', '-4', '-6']) {
      const mine = lines.filter(line => /^(-[46])?/.exec(line)![0] === family)
      if (mine.length === 0) continue
      const text = mine.map(line => `${line.slice(family.length).trim()}\n`).join('')
      const argv = ['ip', ...(family ? [family] : []), '-force', '-batch', '-']
      const { err } = await this.agent.exec(ns, argv, text, true)
      // "Command failed -:3" names the line
      for (const [, said, at] of err.matchAll(/(?:^|\n)(?!Command)([^\n]*)\nCommand failed -:(\d+)/g))
        notes.push(`ip ${mine[Number(at) - 1]}: ${said}`)
    }
  }

  private async make(
    makings: readonly Making[],
    spaces: ReadonlyMap<string, string>,
    cableSpace: string,
    notes: string[],
  ): Promise<void> {
    const runs: { ns: string; lines: string[] }[] = []
    for (const making of makings) {
      const ns = 'line' in making ? spaces.get(making.netns)! : cableSpace
      const lines = 'line' in making ? [making.line] : endLines(making, spaces)
      const last = runs.at(-1)
      if (last?.ns === ns) last.lines.push(...lines)
      else runs.push({ ns, lines })
    }
    for (const { ns, lines } of runs) await this.batch(ns, lines, notes)
  }

  private async unload(): Promise<void> {
    const { built } = this
    this.built = undefined
    if (built) await this.agent.ask('drop', { spaces: built.all })
  }
  async close(): Promise<void> {
    await this.unload()
  }
}

/** `ip` lines, run where the cables lie, that bring one end of a cable to where it belongs. */
function endLines(
  { ends, at, number, isFirst }: Extract<Making, { ends: unknown }>,
  spaces: ReadonlyMap<string, string>,
): string[] {
  const { netns, iface } = ends[at]!
  const space = spaces.get(netns)!
  if (ends.length === 2)
    return [
      ...(isFirst ? [`link add c${number}-0 type veth peer name c${number}-1`] : []),
      `link set c${number}-${at} netns ${space} name ${iface}`,
    ]
  const port = `p${number}-${at}`
  const sw = ends.length > 2 ? `sw${number}` : undefined
  return [
    ...(sw && isFirst
      ? [`link add ${sw} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`, `link set ${sw} up`]
      : []),
    `link add ${port} type veth peer name ${iface} netns ${space}`,
    ...(sw ? [`link set ${port} master ${sw}`] : []),
    `link set ${port} up`,
  ]
}

/** A socket of a program; that of a VXLAN device is the kernel's own. */
const isProgram = (netns: Netns, { proto, port }: Listener): boolean =>
  !(proto === 'udp' && netns.ifaces.some(i => i.vxlan?.port === port))

const listenerQuestion = ({ proto, address, port, families, dev }: Listener) => ({
  proto,
  address,
  port,
  families,
  dev,
})
