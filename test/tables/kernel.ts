import { release } from 'node:os'
import type { Agent } from '../../src/lab/agent.js'
import { KernelDriver } from '../../src/lab/kernel-driver.js'
import type { Backend } from '../../src/model/ruleset.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { frameOf } from './frame.js'
import { type Heard, heardAs } from './heard.js'
import { isHousekeeping, readFrame } from './read-frame.js'
import type { Came } from './simulator.js'
import { familyOfSheet, packetsOf, rulesBefore, rulesText, type Sheet } from './table.js'
import { endsOf, worldFiles } from './world.js'

/** `6.18`: of whose kernel the answers are. */
export const kernelVersion = (): string => release().split('.').slice(0, 2).join('.')

interface BuiltWorld {
  readonly driver: Promise<KernelDriver>
  /** Resolves when nobody uses it. */
  free: Promise<void>
}

/** Asks the kernel what it does with the packets of sheets; worlds are built once. */
export class Kernel {
  private readonly worlds = new Map<string, BuiltWorld>()
  constructor(private readonly agent: Agent) {}

  /** `patience`: seconds to wait for what a packet calls forth. */
  ask(
    sheet: Sheet,
    rules: readonly string[],
    backend: Backend,
    patience: number,
  ): Promise<Map<string, Came>> {
    const world = this.worldOf(sheet, backend)
    // a world is asked one thing after the other
    const turn = world.free.then(async () => this.askIn(await world.driver, sheet, rules, backend, patience))
    world.free = turn.then(
      () => {},
      () => {},
    )
    return turn
  }

  private async askIn(
    driver: KernelDriver,
    sheet: Sheet,
    rules: readonly string[],
    backend: Backend,
    patience: number,
  ): Promise<Map<string, Came>> {
    const node = driver.space('node')
    const run = (argv: readonly string[], input?: string) => this.agent.exec(node, argv, input)
    const tool = `${familyOfSheet(sheet) === 'ipv6' ? 'ip6' : 'ip'}tables-${backend}`
    // others on this machine may hold the lock of the legacy tables
    const restore = [`${tool}-restore`, ...(backend === 'legacy' ? ['-w', '30'] : [])]
    const text = rulesText(sheet, rules)
    if (sheet.sets) await run(['ipset', 'restore'], sheet.sets.map(l => `${l}\n`).join(''))
    await run(restore, text)
    if (tracks(sheet)) await run(['conntrack', '-F'])
    if (sheet.world === 'bridge') await run(['ip', 'link', 'set', 'br0', 'type', 'bridge', 'fdb_flush'])
    const sent = packetsOf(sheet)
    const ends = endsOf(sheet.world ?? 'router')
    const { steps } = (await this.agent.ask('send', {
      frames: sent.map(s => [driver.space(s.from), 'eth0', frameOf(s.packet).toString('hex')]),
      taps: ends.map(end => [driver.space(end), 'eth0']),
      patience,
      ...(sheet.rules && { count: { ns: node, argv: [`${tool}-save`, '-c', '-t', sheet.at.split(' ')[0]] } }),
    })) as never as { steps: { heard: [number, string][]; counted: string }[] }
    await run(restore, text.replace(/^:(?![A-Z]+ ACCEPT).*\n|^-A.*\n/gm, ''))
    if (sheet.sets) await this.destroySets(node)
    let last = rules.map(() => 0)
    return new Map(
      sent.map(({ name, packet }, i) => {
        const { heard, counted } = steps[i]!
        const now = sheet.rules ? countersOf(counted, sheet, rules.length) : last
        const hits = now.map((n, rule) => n - last[rule]!)
        last = now
        const packets = heard.flatMap(([tap, hex]): Heard[] => {
          const seen = readFrame(Buffer.from(hex, 'hex'))
          return seen && !isHousekeeping(seen) ? [{ at: ends[tap]!, packet: seen }] : []
        })
        return [name, { hits, doubts: new Set<number>(), heard: heardAs(packets, packet, sheet.chance) }]
      }),
    )
  }

  /** Rules let go of their sets a moment after they are gone. */
  private async destroySets(node: string): Promise<void> {
    // a list holds on to its members
    await this.agent.exec(node, ['ipset', 'flush'])
    for (let tries = 0; tries < 50; tries++) {
      if ((await this.agent.exec(node, ['ipset', 'destroy'], undefined, true)).status === 0) return
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    throw new Error('the sets of a table cannot be destroyed')
  }

  /** One world for what is alike; a legacy table, once loaded, keeps its hooks (and conntrack) for good. */
  private worldOf(sheet: Sheet, backend: Backend): BuiltWorld {
    const files = worldFiles(sheet.world ?? 'router', sheet)
    const key = JSON.stringify([...files, backend, tracks(sheet)])
    let world = this.worlds.get(key)
    if (!world) {
      world = { driver: this.build(files), free: Promise.resolve() }
      this.worlds.set(key, world)
    }
    return world
  }

  private async build(files: ReadonlyMap<string, string>): Promise<KernelDriver> {
    const driver = new KernelDriver(this.agent)
    const notes = await driver.load(loadSnapshot(files))
    if (notes.length > 0) throw new Error(notes.join('\n'))
    return driver
  }
}

/** Does a rule of the sheet make the namespace track connections? */
const tracks = (sheet: Sheet): boolean =>
  /\bnat \w|conntrack|\bCT\b|state|connmark|CONNMARK|connlimit|connbytes|connlabel|helper|socket|TPROXY|cluster|SYNPROXY|NOTRACK/.test(
    JSON.stringify({ at: sheet.at, before: sheet.before, rules: sheet.rules, targets: sheet.targets }),
  )

/** Packets that each rule of the sheet has counted so far. */
function countersOf(saved: string, sheet: Sheet, count: number): number[] {
  const [, chain] = sheet.at.split(' ')
  const mine = saved.split('\n').filter(line => new RegExp(`^\\[\\d+:\\d+\\] -A ${chain}( |$)`).test(line))
  const before = rulesBefore(sheet)
  if (mine.length !== before + count)
    throw new Error(`${mine.length - before} rules are loaded, not ${count}`)
  return mine.slice(before).map(line => Number(/^\[(\d+):/.exec(line)![1]))
}
