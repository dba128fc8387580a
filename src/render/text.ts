import type { Conversation, Finding } from '../talk/conversation.js'
import type { PacketTrace } from '../trace/events.js'
import { type Zoom, zoomed } from '../trace/zoom.js'
import { endOf, foldable } from './fold.js'
import { packetRows } from './packet-rows.js'
import { labelled, layout, type Paint, plain, type Row, type Tone } from './rows.js'

export interface TextOptions {
  readonly zoom: Zoom
  /** Width of the terminal in columns; no line is wider. */
  readonly columns: number
  readonly paint?: Paint
}

const NOTHING: Row = { indent: 0, text: '' }

/** One conversation for people: each packet hop by hop, then what came of it and why. */
export function renderText(talk: Conversation, options: TextOptions): string {
  const { zoom, columns, paint = plain } = options
  const rows: Row[] = [headline(talk), ...before(talk), NOTHING]
  const packets = zoomed(talk.packets, zoom)
  // folding looks at what the zoom hides as well, so that minimal folds exactly what summary folds
  const folds = zoom === 'full' ? [] : foldable(talk.packets)
  packets.forEach((packet, at) => {
    if (zoom !== 'full' && isSmoothDiscovery(talk.packets[at]!)) return
    const like = folds[at]
    if (like !== undefined) {
      rows.push(foldedRow(packet, at, like))
      if (folds[at + 1] === undefined) rows.push(NOTHING)
      return
    }
    rows.push(titleRow(packet, at), ...packetRows(packet, zoom), NOTHING)
  })
  rows.push(...conclusion(talk, zoom))
  return `${layout(rows, columns, paint)}\n`
}

const endpoint = (asked: string, address: string | undefined, port: number): string =>
  address === undefined || asked.startsWith(address)
    ? asked
    : `${asked} (${address}${port > 0 ? ` port ${port}` : ''})`

function headline(talk: Conversation): Row {
  const { flow } = talk
  const from = endpoint(flow.asked.src, flow.asked.src === flow.netns ? undefined : flow.netns, 0)
  const to = endpoint(flow.asked.dst, flow.dst, flow.dport)
  return { indent: 0, text: `${flow.proto} from ${from} to ${to}`, tone: 'strong', hang: 2 }
}

/** Rounds of a repeated question that came before the one that is told. */
const before = (talk: Conversation): Row[] =>
  (talk.earlier ?? []).map(({ at, outcome, because }, i) => ({
    indent: 0,
    text: `round ${i + 1}, over at ${seconds(at)}: ${outcome} (${because})`,
    hang: 2,
  }))

/** A question for a neighbour that nobody dropped, or its answer: no news, but that the neighbour is known. */
const isSmoothDiscovery = ({ resolves, events }: PacketTrace): boolean =>
  resolves !== undefined && !events.some(e => e.kind === 'dropped' && e.reason !== 'X_IGNORED')

const DIRECTION = { original: 'request', reply: 'reply', related: 'error' } as const

function titleRow(packet: PacketTrace, at: number): Row {
  const carries = packet.carries === undefined ? '' : `, carries packet ${packet.carries + 1}`
  const resolves = packet.resolves === undefined ? '' : `, for packet ${packet.resolves + 1}`
  const what = packet.resolves === undefined ? DIRECTION[packet.direction] : 'lookup'
  // what takes microseconds happens at once
  const when = packet.bornAt >= 0.001 ? `   at ${seconds(packet.bornAt)}` : ''
  return {
    indent: 0,
    labels: [
      [String(at + 1), 4],
      [packet.carries === undefined ? what : 'outer', 9],
    ],
    text: `${packet.summary}${carries}${resolves}${when}`,
    tone: 'strong',
    labelTone: 'strong',
    hang: 2,
  }
}

/** A packet that fares as an earlier one did: what it is, and how it ended. */
function foldedRow(packet: PacketTrace, at: number, like: number): Row {
  const title = titleRow(packet, at)
  const what = packet.carries === undefined ? title.text : `carries packet ${packet.carries + 1}`
  return {
    ...title,
    text: `${what}   (same way as ${like + 1}${endOf(packet)})`,
    tone: 'plain',
    labelTone: 'plain',
  }
}

const seconds = (at: number): string => `${Number(at.toFixed(3))} s`

const WORDS: Readonly<Record<Conversation['outcome'], readonly [Tone, string]>> = {
  ok: ['good', 'WORKS'],
  refused: ['bad', 'REFUSED'],
  reset: ['bad', 'RESET'],
  timeout: ['bad', 'TIMES OUT'],
  'host-unreachable': ['bad', 'HOST UNREACHABLE'],
  'net-unreachable': ['bad', 'NETWORK UNREACHABLE'],
  'protocol-unreachable': ['bad', 'PROTOCOL UNREACHABLE'],
  'not-permitted': ['bad', 'NOT PERMITTED'],
  unknown: ['warn', 'UNKNOWN'],
}

function conclusion(talk: Conversation, zoom: Zoom): Row[] {
  const [tone, word] = WORDS[talk.outcome]
  const rows: Row[] = [
    { indent: 0, labels: [[word, word.length + 2]], text: talk.because, labelTone: tone, tone: 'strong' },
  ]
  const say = (label: string, text: string, more: Partial<Row> = {}) =>
    rows.push({ indent: 2, labels: [[label, 12]], text, ...more })
  if (talk.seenByServer) {
    const { netns, address, port } = talk.seenByServer
    say('server saw', `${address}${port > 0 ? ` port ${port}` : ''}, in ${netns}`)
  }
  for (const [netns, lines] of zoom === 'minimal' ? [] : Object.entries(talk.conntrack))
    lines.forEach((line, i) => {
      say(i === 0 ? 'conntrack' : '', `${netns}: ${line.replace(/ +/g, ' ')}`, { tone: 'dim', hang: 2 })
    })
  for (const finding of talk.findings) rows.push(...findingRows(finding))
  talk.assumptions.forEach((text, i) => {
    say(i === 0 ? 'assumed' : '', text, { tone: 'warn', hang: 2 })
  })
  const chance = talk.choices.filter(choice => choice.options > 1)
  chance.forEach((choice, i) => {
    say(
      i === 0 ? 'by chance' : '',
      `${choice.at}: took ${choice.taken} of 0-${choice.options - 1} (see --choose, --all-branches)`,
      { hang: 2 },
    )
  })
  return rows
}

function findingRows(finding: Finding): Row[] {
  const tone: Tone = finding.severity === 'error' ? 'bad' : finding.severity === 'warning' ? 'warn' : 'plain'
  const rows = [
    NOTHING,
    labelled(finding.severity, finding.says, { labelTone: tone }),
    labelled('', `(${finding.id})`, { tone: 'dim' }),
  ]
  const { where, see, cure } = finding
  if (where) {
    const place =
      where.file === undefined ? '' : `   ${where.file}${where.line === undefined ? '' : `:${where.line}`}`
    rows.push(labelled('where', `${where.netns}: ${where.kind} ${where.detail}${place}`))
  }
  if (see) rows.push(labelled('see', see))
  if (cure) {
    rows.push(
      labelled('cure', `${cure.title}${cure.verified ? ' (tried here: it works)' : ' (not tried)'}`, {
        tone: 'good',
      }),
    )
    for (const command of cure.commands) rows.push(labelled('', command))
    for (const command of cure.undo) rows.push(labelled('undo', command, { tone: 'dim' }))
  }
  return rows
}
