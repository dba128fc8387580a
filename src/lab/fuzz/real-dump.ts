import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from './random.js'
import { TCP_PORTS, UDP_PORTS, type Ask, type World } from './worlds/world.js'

/** What `iptables-save` printed on somebody's machine. */
export interface RealDump {
  /** Whose it is: the beginning of the file's name. */
  readonly owner: string
  readonly six: boolean
  readonly text: string
}

/** All dumps of rules below a folder; those of IPv6 have `ip6tables` in their path. */
export function readDumps(folder: string): RealDump[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.parentPath.endsWith('tables-save'))
    .map(entry => ({
      owner: entry.name.split('_')[0]!,
      six: /ip6tables/.test(join(entry.parentPath, entry.name)),
      text: readFileSync(join(entry.parentPath, entry.name), 'utf8'),
    }))
    .filter(({ text }) => /^\*(raw|mangle|nat|filter)$/m.test(text) && /^COMMIT$/m.test(text))
}

const MOST_RULES = 150

/**
 * A dump's rules with a world's addresses, devices, ports and sets in place of their own, one for one, so that what
 * belongs together stays together. Each rule is named by a comment.
 */
export class Moved {
  private readonly places = new Map<string, string>()
  readonly asks: Ask[] = []

  constructor(
    private readonly world: World,
    private readonly six: boolean,
    private readonly random: Random,
  ) {}

  textOf(dump: RealDump): string {
    const { random } = this
    const open = random.chance(0.5)
    const lines = dump.text.split('\n').map(line => line.replace(/^\[\d+:\d+\] /, ''))
    const rules = lines.filter(line => line.startsWith('-A'))
    const kept = new Set(rules.length > MOST_RULES ? random.shuffled(rules).slice(0, MOST_RULES) : rules)
    const out: string[] = []
    let known = false
    let number = 1
    for (const line of lines) {
      if (line.startsWith('*')) known = /^\*(raw|mangle|nat|filter)$/.test(line)
      if (!known) continue
      if (/^(\*|COMMIT$)/.test(line)) out.push(line)
      else if (line.startsWith(':')) out.push(open ? line.replace(' DROP ', ' ACCEPT ') : line)
      else if (kept.has(line)) out.push(this.ruleOf(line, number++))
    }
    return `${out.join('\n')}\n`
  }

  private ruleOf(line: string, number: number): string {
    const words = line.match(/"(?:\\.|[^"\\])*"|\S+/g)!
    const moved = words.map((word, at) => this.wordOf(words[at - 1] ?? '', word, words[at + 1] ?? ''))
    const target = moved.findIndex(word => word === '-j' || word === '-g')
    moved.splice(target < 0 ? moved.length : target, 0, `-m comment --comment r${number}`)
    this.ask(moved.join(' '))
    return moved.join(' ')
  }

  /** What a word becomes, by the option before it. */
  private wordOf(option: string, word: string, next: string): string {
    const { random } = this
    if (/^-[io]$|^--(in|out)-interface$|^--physdev-(in|out)$/.test(option))
      return word === 'lo'
        ? word
        : this.placeOf(`${option.startsWith('--phys')} ${word}`, () =>
            random.pick(
              option.startsWith('--phys') && this.world.ports.length > 0
                ? this.world.ports
                : this.world.devices,
            ),
          )
    if (/^--(d|s|to-|on-)?ports?$/.test(option)) return this.portsIn(word)
    if (option === '--match-set') return this.setOf(word, next)
    if (option === '--mac-source') return `02:00:00:00:00:0${1 + random.below(9)}`
    // how much comes back in a second is a matter of clocks
    if (/^--(hashlimit-(above|upto)|hashlimit|limit)$/.test(option)) return word.replace(/\/.*$/, '/hour')
    if (/^--(to-destination|to-source)$/.test(option)) {
      const [, address, ports] = /^(.*?)(:[\d-]+)?$/.exec(word)!
      return `${this.addressesIn(address!)}${ports ? `:${this.portsIn(ports.slice(1))}` : ''}`
    }
    return option.startsWith('-') && !/comment|prefix|string|name/.test(option)
      ? this.addressesIn(word)
      : word
  }

  private addressesIn(word: string): string {
    if (this.six)
      return /^\[?[0-9a-f]*:[0-9a-f:]+\]?(\/\d+)?$/.test(word) && !/^(::|fe80|ff)/.test(word)
        ? this.addressOf(word)
        : word
    return word.replace(/\b\d+\.\d+\.\d+\.\d+(\/\d+)?/g, address =>
      /^(127|22[4-9]|255|0)\./.test(address) ? address : this.addressOf(address),
    )
  }

  private addressOf(word: string): string {
    const family = this.six ? 'v6' : 'v4'
    const length = Number(/\/(\d+)$/.exec(word)?.[1] ?? (this.six ? 128 : 32))
    const whole = length === (this.six ? 128 : 32)
    return this.placeOf(word.replace(/\/(32|128)$/, ''), () =>
      this.random.pick(whole ? this.world.addresses[family] : this.world.networks[family]),
    )
  }

  /** Ports of which programs listen, mostly; ranges stay. */
  private portsIn(word: string): string {
    return word.replace(/\d+([:-]\d+)?/g, port =>
      /\D/.test(port)
        ? port
        : this.placeOf(`port ${port}`, () =>
            this.random.chance(0.7) ? String(this.random.pick([...TCP_PORTS, ...UDP_PORTS])) : port,
          ),
    )
  }

  private setOf(name: string, sides: string): string {
    const bases = [['IPS', 'NETS', 'ADDED'], ['IPPORT', 'NETPORT'], ['IPPIP']][sides.split(',').length - 1]
    return this.placeOf(`set ${name} ${sides}`, () => `${this.random.pick(bases!)}${this.six ? '6' : ''}`)
  }

  private placeOf(name: string, draw: () => string): string {
    const there = this.places.get(name) ?? draw()
    this.places.set(name, there)
    return there
  }

  /** What a rule speaks of is worth asking for. */
  private ask(line: string): void {
    const { random, six, world } = this
    const proto = random.pick(['tcp', 'udp'] as const)
    const said = /-p (tcp|udp)\b/.exec(line)?.[1] as 'tcp' | 'udp' | undefined
    const port = /--dports? (\d+)/.exec(line)?.[1]
    const address = / -d ([0-9a-f.:]+)(\/32|\/128)?( |$)/.exec(line)?.[1]
    const family = six ? 'v6' : 'v4'
    if (port === undefined && address === undefined) return
    if (/! (-d|--dport|-p)/.test(line)) return
    this.asks.push({
      dst: address ?? random.pick(world.addresses[family]),
      proto: said ?? proto,
      dport: port === undefined ? random.pick<number>(said === 'udp' ? UDP_PORTS : TCP_PORTS) : Number(port),
    })
  }
}
