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

/** Asks the kernel what it does with the packets of sheets; worlds are built once. */
export class Kernel {
  private readonly worlds = new Map<string, Promise<KernelDriver>>()
  constructor(private readonly agent: Agent) {}

  /** `patience`: seconds to wait for what a packet calls forth. */
  async ask(
    sheet: Sheet,
    rules: readonly string[],
    backend: Backend,
    patience: number,
  ): Promise<Map<string, Came>> {
    const driver = await this.worldOf(sheet, backend)
    const node = driver.space('node')
    const tool = `${familyOfSheet(sheet) === 'ipv6' ? 'ip6' : 'ip'}tables-${backend}`
    const [table = ''] = sheet.at.split(' ')
    await this.agent.exec(node, [`${tool}-restore`], EMPTY)
    await this.agent.exec(node, ['ipset', 'destroy'], undefined, true)
    if (sheet.sets) await this.agent.exec(node, ['ipset', 'restore'], sheet.sets.map(l => `${l}\n`).join(''))
    await this.agent.exec(node, [`${tool}-restore`], rulesText(sheet, rules))
    await this.agent.exec(node, ['conntrack', '-F'], undefined, true)
    if (sheet.world === 'bridge')
      await this.agent.exec(node, ['ip', 'link', 'set', 'br0', 'type', 'bridge', 'fdb_flush'])
    const sent = packetsOf(sheet)
    const ends = endsOf(sheet.world ?? 'router')
    const { steps } = (await this.agent.ask('send', {
      frames: sent.map(s => [driver.space(s.from), 'eth0', frameOf(s.packet).toString('hex')]),
      taps: ends.map(end => [driver.space(end), 'eth0']),
      patience,
      count: { ns: node, argv: [`${tool}-save`, '-c', '-t', table] },
    })) as never as { steps: { heard: [number, string][]; counted: string }[] }
    await this.agent.exec(node, [`${tool}-restore`], EMPTY)
    let last = rules.map(() => 0)
    return new Map(
      sent.map(({ name, packet }, i) => {
        const { heard, counted } = steps[i]!
        const now = countersOf(counted, sheet, rules.length)
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

  /** One world for what is alike; a legacy table, once loaded, keeps its hooks (and conntrack) for good. */
  private worldOf(sheet: Sheet, backend: Backend): Promise<KernelDriver> {
    const files = worldFiles(sheet.world ?? 'router', sheet)
    const tracks =
      /\bnat \w|conntrack|\bCT\b|state|connmark|CONNMARK|connlimit|connbytes|connlabel|helper|socket|TPROXY|cluster|SYNPROXY|NOTRACK/.test(
        JSON.stringify(sheet),
      )
    const key = JSON.stringify([...files, backend, tracks])
    let world = this.worlds.get(key)
    if (!world) {
      const driver = new KernelDriver(this.agent)
      world = driver.load(loadSnapshot(files)).then(notes => {
        if (notes.length > 0) throw new Error(notes.join('\n'))
        return driver
      })
      this.worlds.set(key, world)
    }
    return world
  }
}

const EMPTY = ['raw', 'mangle', 'filter'].map(table => `*${table}\nCOMMIT\n`).join('')

/** Packets that each rule of the sheet has counted so far. */
function countersOf(saved: string, sheet: Sheet, count: number): number[] {
  const [, chain] = sheet.at.split(' ')
  const mine = saved.split('\n').filter(line => new RegExp(`^\\[\\d+:\\d+\\] -A ${chain}( |$)`).test(line))
  const before = rulesBefore(sheet)
  if (mine.length !== before + count)
    throw new Error(`${mine.length - before} rules are loaded, not ${count}`)
  return mine.slice(before).map(line => Number(/^\[(\d+):/.exec(line)![1]))
}
