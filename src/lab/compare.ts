import type { ResolvedFlow } from '../talk/conversation.js'
import { compareFrames, type Frame } from './captures.js'
import type { Observation, Pass } from './driver.js'
import { PORTS_OF_LABEL, SACK } from './read-trace.js'

export const ASPECTS = ['outcome', 'seen', 'trace', 'conntrack', 'ipvs', 'captures'] as const
export type Aspect = (typeof ASPECTS)[number]

/** Where two sides part, each side's view in a few lines. */
export interface Difference {
  readonly aspect: Aspect
  readonly simulator: string
  readonly kernel: string
}

/** What two sides say of one flow, laid side by side. */
export function compare(flow: ResolvedFlow, mine: Observation, theirs: Observation): Difference[] {
  const chance = (mine.chance ?? []).filter(at => onlyPortsByChance([at]))
  const ours = withoutChancePorts(mine, theirs, chance)
  const kernel = withoutChancePorts(theirs, mine, chance)
  const found: Difference[] = []
  const differ = (aspect: Aspect, simulator: string, theirs: string) =>
    found.push({ aspect, simulator, kernel: theirs })
  if (ours.outcome !== kernel.outcome)
    differ('outcome', `${ours.outcome}: ${ours.because}`, `${kernel.outcome} ${kernel.because}`)
  if (kernel.outcome === 'ok' && flow.proto !== 'icmp' && ours.seen !== kernel.seen)
    differ('seen', ours.seen ?? 'nothing', kernel.seen ?? 'nothing')
  if (ours.passes && kernel.passes) {
    const trace = comparePasses(attributable(flow, ours.passes), attributable(flow, kernel.passes))
    if (trace) found.push(trace)
  }
  const lists = (aspect: 'conntrack' | 'ipvs', keysOf: (lines: readonly string[]) => readonly string[]) => {
    for (const [netns, lines] of Object.entries(kernel[aspect] ?? {})) {
      const mine = keysOf(ours[aspect]?.[netns] ?? [])
      const theirs = keysOf(lines)
      if (mine.join('\n') === theirs.join('\n')) continue
      differ(aspect, `${netns}: ${mine.join('; ')}`, `${netns}: ${theirs.join('; ')}`)
      return
    }
  }
  if (ours.conntrack) lists('conntrack', entryKeys)
  if (ours.ipvs) lists('ipvs', lines => lines.map(connectionKey).sort())
  if (ours.frames && kernel.frames) {
    const long = (flow.payload ?? 0) > LEAST_CUT
    const frames = long
      ? compareFrames(uncounted(ours), uncounted(kernel))
      : compareFrames(ours.frames, kernel.frames)
    if (frames) found.push({ aspect: 'captures', ...frames })
  }
  return found
}

/** Bytes that any link takes in one piece (IPV6_MIN_MTU, less its headers). */
const LEAST_CUT = 1200

/** Pieces are followed as one packet: how much of it a device sees at once, before or after it is put together, is left out. */
const uncounted = ({ frames = [] }: Observation): readonly Frame[] =>
  frames.map(frame => ({ ...frame, label: frame.label.replace(/ \d+ bytes/, '') }))

/** Does chance choose nothing but the ports that translated connections get? */
export const onlyPortsByChance = (chance: readonly string[]): boolean =>
  chance.every(at => /nat port by chance/.test(at))

/** The id of an echo, in the label of a frame. */
const ID_OF_LABEL = /\bid (\d+)/g

/** Ports, and ids of echoes, that an observation speaks of. */
function portsIn({ seen, passes = [], conntrack = {}, frames = [] }: Observation): ReadonlySet<string> {
  const lines = Object.values(conntrack).flat()
  return new Set([
    ...passes.flatMap(p => p.packet.match(PORTS_OF_LABEL) ?? []),
    ...frames.flatMap(f => f.label.match(PORTS_OF_LABEL) ?? []),
    ...frames.flatMap(f => [...f.label.matchAll(ID_OF_LABEL)].map(m => m[1]!)),
    ...lines.flatMap(line => [...line.matchAll(/\b(?:[sd]port|id)=(\d+)/g)].map(m => m[1]!)),
    ...(seen === undefined ? [] : [/\d+$/.exec(seen)![0]]),
  ])
}

/**
 * One side's view, with the ports (ids of echoes) that chance may have chosen made alike: those in a range that chance
 * chose from, of which the other side knows nothing.
 */
export function withoutChancePorts(
  seen: Observation,
  other: Observation,
  chance: readonly string[],
): Observation {
  const ranges = chance.flatMap(at => {
    const [, from, to] = /by chance from (\d+)-(\d+)/.exec(at) ?? []
    return from === undefined ? [] : [{ from: Number(from), to: Number(to) }]
  })
  const theirs = portsIn(other)
  const ports = new Set(
    [...portsIn(seen)].filter(
      p => !theirs.has(p) && ranges.some(({ from, to }) => Number(p) >= from && Number(p) <= to),
    ),
  )
  if (ports.size === 0) return seen
  const hide = (port: string) => (ports.has(port) ? '?' : port)
  const inLabel = (text: string) => text.replace(PORTS_OF_LABEL, hide)
  // servers say which port they saw: that makes answers longer or shorter
  const inFrame = (text: string) =>
    inLabel(text)
      .replace(ID_OF_LABEL, (_, id) => `id ${hide(id)}`)
      .replace(/\b\d+ bytes/g, '? bytes')
  const inLine = (text: string) =>
    text.replace(/\b([sd]port|id)=(\d+)/g, (_, name, port) => `${name}=${hide(port)}`)
  return {
    ...seen,
    ...(seen.seen !== undefined && { seen: seen.seen.replace(/\d+$/, hide) }),
    ...(seen.passes && { passes: seen.passes.map(p => ({ ...p, packet: inLabel(p.packet) })) }),
    ...(seen.frames && { frames: seen.frames.map(f => ({ ...f, label: inFrame(f.label) })) }),
    ...(seen.conntrack && {
      conntrack: Object.fromEntries(
        Object.entries(seen.conntrack).map(([netns, lines]) => [netns, lines.map(inLine)]),
      ),
    }),
  }
}

/** Entries in order. How many there are of a tunnel is a matter of hashes: repetitions draw new ones. */
function entryKeys(lines: readonly string[]): string[] {
  const keys = lines.map(entryKey).sort()
  return keys.filter((key, at) => !key.includes('port=*') || key !== keys[at - 1])
}

/** An entry without what time does to it. */
export function entryKey(line: string): string {
  // the client port of VXLAN is a hash that nobody can know
  const vxlan = /\bdport=(8472|4789)\b/.test(line)
  const plain = vxlan ? line.replace(/\b([sd]port)=(?!8472\b|4789\b)\d+/g, '$1=*') : line
  const words = plain.trim().split(/\s+/)
  const state = /^[A-Z_]+$/.test(words[3] ?? '') ? words[3] : ''
  const fields = [
    ...plain.matchAll(/\b(src|dst|sport|dport|type|code|id|mark|zone|zone-orig|zone-reply)=(\S+)/g),
  ]
  return [
    words[0],
    state,
    ...fields.map(f => f[0]),
    line.includes('[UNREPLIED]') ? 'UNREPLIED' : '',
    line.includes('[ASSURED]') ? 'ASSURED' : '',
  ]
    .filter(Boolean)
    .join(' ')
}

/** A line of `ipvsadm -Lnc` without the time that is left. */
const connectionKey = (line: string): string => {
  const [proto, , ...rest] = line.trim().split(/\s+/)
  return [proto, ...rest].join(' ')
}

/** Ports that udp_flow_src_port() gives to tunnels. */
const HASHED = { from: 32768, to: 60999 }

/** Where a tunnel is in play, NAT may hide which packets are its own: what has a port that nobody asked for is left out. */
function attributable(flow: ResolvedFlow, passes: readonly Pass[]): readonly Pass[] {
  if (!passes.some(pass => /:(8472|4789)\b/.test(pass.packet))) return passes
  return passes.filter(pass =>
    (pass.packet.match(PORTS_OF_LABEL) ?? [])
      .map(Number)
      .every(port => port === flow.sport || port < HASHED.from || port > HASHED.to),
  )
}

/**
 * The first pass of each kind of packet in each namespace, from each chain that a way begins with. Which of both sides
 * repeats its data first is a matter of clocks: ACKs that tell of data that came twice are left out.
 */
function firstOf(passes: readonly Pass[]): Map<string, Pass> {
  const first = new Map<string, Pass>()
  for (const pass of passes) {
    if (pass.packet.endsWith(SACK)) continue
    const key = `${pass.netns} ${pass.steps[0]?.split(' | ')[1]} ${pass.packet}`
    if (!first.has(key)) first.set(key, pass)
  }
  return first
}

function comparePasses(ours: readonly Pass[], kernel: readonly Pass[]): Difference | undefined {
  const mine = firstOf(ours)
  const theirs = firstOf(kernel)
  for (const [key, pass] of theirs) {
    const other = mine.get(key)
    // under load the kernel acknowledges by itself what usually rides on the next data
    if (!other && pass.packet.endsWith(' ACK')) continue
    if (!other) return { aspect: 'trace', simulator: `no ${key}`, kernel: `${key}: ${pass.steps.at(-1)}` }
    const length = Math.max(pass.steps.length, other.steps.length)
    for (let at = 0; at < length; at++)
      if (pass.steps[at] !== other.steps[at])
        return {
          aspect: 'trace',
          simulator: `${key}\n    step ${at}: ${other.steps[at] ?? 'ends'}`,
          kernel: `${key}\n    step ${at}: ${pass.steps[at] ?? 'ends'}`,
        }
  }
  for (const [key, pass] of mine)
    if (!theirs.has(key))
      return { aspect: 'trace', simulator: `${key}: ${pass.steps.at(-1)}`, kernel: `no ${key}` }
  return undefined
}
