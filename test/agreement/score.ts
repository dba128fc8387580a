import type { TraceJson } from '../../src/render/json.js'

/** A flow as recorded on a real kernel; the folder's README tells how. */
export interface RecordedFlow {
  readonly src: string
  readonly dst: string
  readonly proto: 'tcp' | 'udp' | 'icmp' | 'sctp'
  readonly dport: number
  readonly sport: number
  readonly result: { readonly outcome: string; readonly seen?: readonly [string, number] | null }
  readonly trace: readonly (readonly [head: string, events: readonly RecordedEvent[]])[] | null
  readonly conntrack: readonly string[]
  /** The kernel drew the source port of the request by chance (--random-fully): it can't be compared. */
  readonly randomPort?: boolean
  /** Bytes of the request, where it is about sizes. */
  readonly payload?: number
}
interface RecordedEvent {
  readonly id: string
  readonly table: string
  readonly chain: string
  readonly kind: string
  readonly verdict: string
  readonly rule: string
}

export const ASPECTS = ['outcome', 'seen', 'trace', 'conntrack'] as const
export type Aspect = (typeof ASPECTS)[number]
export interface Mismatch {
  readonly aspect: Aspect
  readonly says: string
}

type Way = 'original' | 'reply'
type Sequences = Record<Way, string[]>

/** A rule as both sides can spell it: without family and table, single spaces. */
const plainRule = (text: string): string =>
  text
    .trim()
    .replace(/^-[46] /, '')
    .replace(/^-t \S+ /, '')
    .replace(/\s+/g, ' ')
    .trim()

const step = (table: string, chain: string, kind: string, verdict: string, rule: string): string =>
  [table, chain, kind, verdict.split(':')[0], kind === 'rule' ? plainRule(rule) : ''].join(' | ')

/** What the kernel traced for the first packet each way; later packets, ICMP and tunnels are left out. */
function recordedSteps(flow: RecordedFlow): Sequences {
  const steps: Sequences = { original: [], reply: [] }
  const ids = new Map<Way, string | undefined>()
  // an id is announced anew by each packet; a REJECT's own line comes after the trace of its ICMP error
  const owners = new Map<string, Way | undefined>()
  for (const [head, events] of flow.trace ?? []) {
    owners.set(head.split(/\s+/)[2] ?? '', wayOf(flow, head, ids))
    for (const event of events) {
      const way = owners.get(event.id)
      if (way === undefined) continue
      const verdict = event.verdict === '0xfffffffb' ? 'RETURN' : event.verdict
      steps[way].push(step(event.table, event.chain, event.kind, verdict, event.rule))
    }
  }
  return steps
}

function wayOf(flow: RecordedFlow, head: string, ids: Map<Way, string | undefined>): Way | undefined {
  if (!head.includes('SPORT=') || head.includes('DPORT=8472')) return undefined
  const fields = new Map([...head.matchAll(/(SRC|DST|SPORT|DPORT|ID|TTL)=(\S+)/g)].map(m => [m[1], m[2]]))
  const client = String(flow.sport)
  if (fields.get('SPORT') !== client && fields.get('DPORT') !== client) return undefined
  if (flow.proto === 'tcp') {
    if (!head.includes(' SYN')) return undefined
    return head.includes(' ACK') ? 'reply' : 'original'
  }
  const id = fields.get('ID')
  if (id === undefined) return fields.get('SPORT') === client ? 'original' : 'reply'
  for (const [way, known] of ids) if (known === id) return way
  const way = ids.size === 0 ? 'original' : ids.size === 1 ? 'reply' : undefined
  if (way) ids.set(way, id)
  return way
}

function simulatedSteps(answer: TraceJson): Sequences {
  const steps: Sequences = { original: [], reply: [] }
  const seen = new Set<string>()
  for (const { direction, carries, events } of answer.packets) {
    if (direction === 'related' || seen.has(direction) || carries !== undefined) continue
    seen.add(direction)
    for (const event of events) {
      if (event.netns !== 'node') continue
      if (event.kind === 'rule')
        steps[direction].push(step(event.table, event.chain, 'rule', event.verdict, event.text))
      if (event.kind === 'policy')
        steps[direction].push(step(event.table, event.chain, 'policy', event.verdict, ''))
    }
  }
  return steps
}

function conntrackKey(line: string, randomPort = false): string {
  const fields = [...line.matchAll(/(src|dst|sport|dport|mark)=(\S+)/g)]
  const mark = fields.findLast(field => field[1] === 'mark')?.[2] ?? '0'
  const tuples = fields
    .filter(field => field[1] !== 'mark')
    .map((field, at) => (randomPort && at === 7 ? 'dport=?' : field[0]))
  return [line.split(/\s+/)[0], ...tuples, line.includes('[UNREPLIED]'), mark].join(' ')
}

const UNREACHED = new Set(['timeout', 'host-unreachable'])

/** Compares one answer with what the kernel did, as the yardstick of acceptance does (`tools/score.py`). */
export function compare(flow: RecordedFlow, answer: TraceJson): Mismatch[] {
  const found: Mismatch[] = []
  const want = flow.result.outcome === 'eperm' ? 'not-permitted' : flow.result.outcome
  const got = answer.outcome
  if (got !== want && !(UNREACHED.has(got) && UNREACHED.has(want)))
    found.push({ aspect: 'outcome', says: `want ${want} got ${got}: ${answer.because}` })
  const { seenByServer } = answer
  const seen = seenByServer && `${seenByServer.address} ${flow.randomPort ? '?' : seenByServer.port}`
  const [address, port] = flow.result.seen ?? []
  const wantSeen = address === undefined ? null : `${address} ${flow.randomPort ? '?' : port}`
  if (want === 'ok' && seen !== wantSeen) found.push({ aspect: 'seen', says: `want ${wantSeen} got ${seen}` })
  if (flow.trace !== null) {
    const kernel = recordedSteps(flow)
    const ours = simulatedSteps(answer)
    for (const way of ['original', 'reply'] as const) {
      const length = Math.max(kernel[way].length, ours[way].length)
      let at = 0
      while (at < length && kernel[way][at] === ours[way][at]) at++
      if (at === length) continue
      found.push({
        aspect: 'trace',
        says: `${way} step ${at}: want ${kernel[way][at] ?? 'end'} got ${ours[way][at] ?? 'end'}`,
      })
      break
    }
  }
  const ofFlow = (line: string) =>
    line.includes(`dport=${flow.dport}`) || line.includes(`sport=${flow.sport}`)
  const wantEntries = flow.conntrack.map(line => conntrackKey(line, flow.randomPort)).sort()
  const gotEntries = (answer.conntrack.node ?? [])
    .filter(ofFlow)
    .map(line => conntrackKey(line, flow.randomPort))
    .sort()
  if (wantEntries.join('\n') !== gotEntries.join('\n'))
    found.push({
      aspect: 'conntrack',
      says: `want [${wantEntries.join('; ')}] got [${gotEntries.join('; ')}]`,
    })
  return found
}
