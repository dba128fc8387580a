import type { PacketTrace } from '../trace/events.js'
import type { Pass } from './driver.js'
import { legacyName, legacyStep } from './legacy-step.js'
import { plainRule } from './plain-rule.js'

const step = (table: string, chain: string, kind: string, verdict: string, rule: string): string =>
  [table, chain, kind, verdict.split(':')[0], ...(kind === 'rule' ? [plainRule(rule)] : [])].join(' | ')

interface Open {
  id: string
  packet: string
  /** What no table changes: length, IP id, flags. The trace's own id changes where the kernel copies a packet. */
  identity: string
  steps: string[]
}

/** The TRACE rule that both sides have first: a packet's way through a namespace's tables begins there. */
const isStart = (table: string, chain: string, rule: string): boolean =>
  table === 'raw' &&
  (chain === 'PREROUTING' || chain === 'OUTPUT') &&
  /^-A \S+ -j TRACE$/.test(plainRule(rule))

/**
 * Reads what `xtables-monitor --trace` printed in one namespace. Ids are used again, and change where the kernel copies
 * a packet; which packet it is about is printed, on 6.1, only where a rule does something. So what chains without a rule
 * do waits for that, unless it follows what went before.
 */
export function passesOf(netns: string, text: string): Pass[] {
  const passes: Open[] = []
  const open = new Map<string, Open>()
  const waiting = new Map<string, { readonly steps: string[]; readonly otherwise: Open | undefined }>()
  const told = new Map<string, { readonly packet: string; readonly identity: string }>()
  let last: Open | undefined
  let announced: string | undefined
  for (const line of text.split('\n')) {
    const packet = /^\s*PACKET: \d+ ([0-9a-f]+) (.*)$/.exec(line)
    if (packet) {
      announced = packet[1]!
      told.set(announced, { packet: headOf(packet[2]!), identity: identityOf(packet[2]!) })
      continue
    }
    const trace = /^\s*TRACE: \d+ ([0-9a-f]+) ([^\s:]+):([^\s:]+):(rule|policy|return):(\S+)\s?(.*)$/.exec(
      line,
    )
    if (!trace) continue
    const [, id = '', table = '', chain = '', kind = '', rest = '', rule = ''] = trace
    if (kind === 'return') continue
    const verdict = (kind === 'rule' ? rest.replace(/^0x[0-9a-f]+:/, '') : rest).replace(
      /^0xfffffffb$/,
      'RETURN',
    )
    // a PACKET line of its own tells of a policy, too
    const isTold = kind === 'rule' || announced === id
    announced = undefined
    const said = step(table, chain, kind, verdict, rule)
    let pass = open.get(id)
    if (!isTold && last !== pass) {
      let waits = waiting.get(id)
      if (waits && !follows(waits.steps, table, chain)) {
        // the id is used again, for the next packet that says nothing
        waits.otherwise?.steps.push(...waits.steps)
        waits = undefined
      }
      const { steps, otherwise } = waits ?? { steps: [], otherwise: whose(pass, last, passes, table, chain) }
      waiting.set(id, { steps: [...steps, said], otherwise })
      continue
    }
    const before = waiting.get(id)
    waiting.delete(id)
    const { packet: head = '', identity } = told.get(id) ?? {}
    if (isStart(table, chain, rule)) {
      before?.otherwise?.steps.push(...before.steps)
      // A copy of this packet may get an id that one before had which looked the same, or a copy of that. Only in
      // OUTPUT may this begin in the middle of the other: TEE sends a copy so.
      for (const [other, one] of open)
        if (one.identity === identity && (other !== one.id || chain === 'PREROUTING')) open.delete(other)
      pass = { id, packet: head, identity: identity ?? '', steps: [] }
      passes.push(pass)
    } else {
      if (isTold && pass?.identity !== identity) pass = passes.findLast(p => p.identity === identity) ?? pass
      if (before) pass?.steps.push(...before.steps)
    }
    if (!pass) continue
    open.set(id, pass)
    pass.steps.push(said)
    last = pass
  }
  for (const { steps, otherwise } of waiting.values()) otherwise?.steps.push(...steps)
  return passes.filter(p => p.packet !== '').map(({ packet, steps }) => ({ netns, packet, steps }))
}

/** The order of hooks and tables; nat comes last where it translates sources. */
const HOOKS = ['PREROUTING', 'OUTPUT', 'INPUT', 'FORWARD', 'POSTROUTING']
const TABLES = ['raw', 'mangle', 'nat', 'filter', 'security', 'source nat']
const placeOf = (table: string, chain: string): number => {
  const isSource = table === 'nat' && (chain === 'INPUT' || chain === 'POSTROUTING')
  return HOOKS.indexOf(chain) * TABLES.length + TABLES.indexOf(isSource ? 'source nat' : table)
}

/** The last of a packet's steps in a chain of the kernel's own. */
function latest(steps: readonly string[]): readonly [table: string, chain: string] | undefined {
  for (const said of steps.toReversed()) {
    const [table = '', chain = ''] = said.split(' | ')
    if (HOOKS.includes(chain)) return [table, chain]
  }
  return undefined
}

/** May a packet that has passed some chains come to this one? */
function possible(steps: readonly string[], chain: string): boolean {
  // born here: neither received nor forwarded
  if (latest(steps.slice(0, 1))?.[1] === 'OUTPUT') return chain === 'OUTPUT' || chain === 'POSTROUTING'
  return chain !== 'OUTPUT' && (latest(steps)?.[1] !== 'INPUT' || chain === 'INPUT')
}

/** Is this chain further on than those that it has passed? */
function follows(steps: readonly string[], table: string, chain: string): boolean {
  const [before, at] = latest(steps) ?? []
  if (before === undefined || at === undefined) return true
  return possible(steps, chain) && placeOf(table, chain) > placeOf(before, at)
}

/**
 * Which packet a chain without a rule was for, under an id that no PACKET line has told: the one that had this id, if it
 * may come here next, or else the one before this line. Where that is out of the question, one that may. What a bridge
 * floods passes its chains again and again.
 */
function whose(
  pass: Open | undefined,
  last: Open | undefined,
  passes: readonly Open[],
  table: string,
  chain: string,
): Open | undefined {
  for (const one of [pass, last]) if (one && follows(one.steps, table, chain)) return one
  const astray = last && !possible(last.steps, chain)
  return (astray ? passes.findLast(p => follows(p.steps, table, chain)) : undefined) ?? pass ?? last
}

const identityOf = (text: string): string =>
  text
    .split(' ')
    .filter(
      word =>
        (isDiscovery(text) ? /^(SRC|DST)=/ : /^(LEN|ID|FLOWLBL)=/).test(word) ||
        (FLAGS as readonly string[]).includes(word),
    )
    .join(' ')

/** Solicitations and advertisements are 32 bytes long (the tool adds 20, in IPv6 too), untracked, and all alike. */
const isDiscovery = (text: string): boolean =>
  / LEN=52 /.test(text) && / SRC=\S*:/.test(text) && !/ SPORT=/.test(text)

export const FLAGS = ['SYN', 'FIN', 'RST', 'PSH', 'ACK'] as const

/** Behind the flags of a bare ACK that tells of data that came twice. */
export const SACK = ' SACK'
/** What the tool prints for such a one: 32 bytes of TCP, 12 more for the block, and its 20. */
const LENGTH_WITH_SACK = '64'

/** The flags of a label, of all words that are told; of a bare ACK also whether it tells of data that came twice. */
function flagsIn(words: readonly string[], tellsTwice: boolean): string {
  const flags = FLAGS.filter(flag => words.includes(flag)).join(',')
  return flags === 'ACK' && tellsTwice ? `${flags}${SACK}` : flags
}

/** The packet in short; nothing for what IPv6 says by itself (routers, multicast listeners). */
function headOf(text: string): string {
  const field = (name: string) => new RegExp(`(?:^| )${name}=(\\S*)`).exec(text)?.[1]
  const sport = field('SPORT')
  const dport = field('DPORT')
  const src = field('SRC') ?? ''
  if (sport === undefined || dport === undefined) {
    const dst = field('DST') ?? ''
    if (isDiscovery(text) && src !== '::') return `${src}>${dst} ND`
    // redirects, too: no flow has such a source
    return dst.startsWith('ff02:') || src.startsWith('fe80:') ? '' : `${src}>${dst}`
  }
  if (dport === '5353' && field('DST')?.startsWith('ff02:')) return ''
  const words = text.split(' ')
  const flags = flagsIn(words, field('LEN') === LENGTH_WITH_SACK)
  return label(src, sport, field('DST') ?? '', dport, flags)
}

/** VXLAN's source port is a hash that nobody can know. */
export const label = (src: string, sport: string, dst: string, dport: string, flags: string): string => {
  const port = dport === '8472' || dport === '4789' ? '*' : sport
  return `${bracketed(src)}:${port}>${bracketed(dst)}:${dport}${flags ? ` ${flags}` : ''}`
}
const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/** The ports of such a label, where it has any. */
export const PORTS_OF_LABEL = /(?<=\]:|\d+\.\d+\.\d+\.\d+:)\d+(?=[> ]|$)/g

/**
 * The same of the simulator's walk.
 * @param legacy files with rules of the legacy back end, which are traced apart
 */
export function simulatedPasses(
  packets: readonly PacketTrace[],
  legacy: ReadonlySet<string> = new Set(),
): Pass[] {
  const passes: { seq: number; pass: Pass }[] = []
  for (const { events } of packets) {
    const open = new Map<string, { netns: string; packet: string; steps: string[] }>()
    for (const event of events) {
      if (event.kind !== 'rule' && event.kind !== 'policy' && event.kind !== 'return') continue
      const isLegacy = legacy.has(event.file)
      const netns = isLegacy ? legacyName(event.netns) : event.netns
      const begins = event.kind === 'rule' && isStart(event.table, event.chain, event.text)
      if (begins) {
        const pass = { netns, packet: summaryHead(event.packet), steps: [] }
        open.set(netns, pass)
        passes.push({ seq: event.seq, pass })
      }
      if (isLegacy) {
        if (!begins) open.get(netns)?.steps.push(legacyStep(event))
      } else if (event.kind !== 'return')
        open
          .get(netns)
          ?.steps.push(
            step(
              event.table,
              event.chain,
              event.kind,
              event.verdict,
              event.kind === 'rule' ? event.text : '',
            ),
          )
    }
  }
  return passes
    .sort((a, b) => a.seq - b.seq)
    .map(({ pass }) => pass)
    .filter(pass => pass.packet !== '')
}

function summaryHead(summary: string): string {
  const ends = /^\S+ (\S+) > (\S+?)(?: |$)(.*)$/.exec(summary)
  if (!ends) return summary
  const [, from = '', to = '', rest = ''] = ends
  const a = endOf(from)
  const b = endOf(to)
  if (rest.startsWith('neighbour-')) return `${a.address}>${b.address} ND`
  if (a.port === undefined || b.port === undefined)
    // as headOf(), which can't tell redirects from errors
    return a.address.startsWith('fe80:') ? '' : `${a.address}>${b.address}`
  const words = (rest.split(' ')[0] ?? '').split(',')
  return label(a.address, a.port, b.address, b.port, flagsIn(words, rest.endsWith(SACK)))
}

function endOf(text: string): { address: string; port?: string } {
  const six = /^\[(.*)\]:(\d+)$/.exec(text)
  if (six) return { address: six[1]!, port: six[2]! }
  const four = /^(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(text)
  return four ? { address: four[1]!, port: four[2]! } : { address: text }
}
