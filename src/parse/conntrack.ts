import type { Problem } from '../model/place.js'
import type { ConntrackLine, TupleText } from '../model/snapshot.js'
import { type Ip, parseIp } from '../values/ip.js'
import { parseProto } from '../values/proto.js'
import { type Line, Words, decimal, linesOf, portNumber, unsigned } from './lines.js'

export interface ConntrackRead {
  readonly entries: readonly ConntrackLine[]
  readonly problems: readonly Problem[]
}

/** Reads `conntrack -L` (with or without `-o extended`, `id`, `labels`, `ktimestamp`) and /proc/net/nf_conntrack. */
export function parseConntrack(text: string, file: string): ConntrackRead {
  const entries: ConntrackLine[] = []
  const problems: Problem[] = []
  for (const line of linesOf(text, problems)) {
    // what conntrack says on stderr lands in many a file
    if (/^(conntrack v|#)/.test(line.text)) continue
    const entry = readEntry(line, file, problems)
    if (entry) entries.push(entry)
  }
  return { entries, problems }
}

type Side = { -readonly [K in keyof TupleText]?: TupleText[K] }

function readEntry(line: Line, file: string, problems: Problem[]): ConntrackLine | undefined {
  const words = new Words(line, file)
  const bad = (message: string): undefined => {
    problems.push(words.problem(message))
    return undefined
  }
  while (/^\[/.test(words.peek() ?? '')) words.take()
  if (/^ipv[46]$/.test(words.peek() ?? '')) {
    words.take()
    words.take()
  }
  const name = words.take() ?? ''
  const proto = decimal(words.take())
  if (
    proto === undefined ||
    proto > 255 ||
    (parseProto(name) === undefined && !/^[a-z][a-z0-9-]*$/.test(name))
  )
    return bad('not a conntrack entry: expected `PROTO NUMBER TIMEOUT [STATE] src=… dst=…`')
  const timeout = decimal(words.peek())
  if (timeout !== undefined) words.take()
  let state: string | undefined
  if (/^[A-Z][A-Z0-9_]*$/.test(words.peek() ?? '')) state = words.take()
  const sides: Side[] = []
  const seen = new Map<string, string>()
  const flags = new Set<string>()
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word.startsWith('[')) {
      flags.add(word)
      continue
    }
    const equals = word.indexOf('=')
    if (equals < 0) continue
    const [key, value] = [word.slice(0, equals), word.slice(equals + 1)]
    if (key === 'src') sides.push({})
    const side = sides.at(-1)
    const wrong = side && readTupleWord(side, key, value)
    if (wrong !== undefined && wrong !== false) return bad(wrong)
    if (wrong === undefined && !seen.has(key)) seen.set(key, value)
  }
  const [original, reply] = sides.map(finished)
  if (!original || !reply || sides.length > 2)
    return bad('a conntrack entry has two tuples, each with src= and dst=')
  const [both, orig, back] = [
    seen.get('zone'),
    seen.get('zone-orig') ?? seen.get('orig-zone'),
    seen.get('zone-reply') ?? seen.get('reply-zone'),
  ]
  const only =
    both !== undefined
      ? undefined
      : orig !== undefined
        ? 'original'
        : back !== undefined
          ? 'reply'
          : undefined
  const helper = seen.get('helper')
  return {
    proto,
    timeout: timeout ?? 0,
    ...(state === undefined ? {} : { state }),
    original,
    reply,
    unreplied: flags.has('[UNREPLIED]'),
    assured: flags.has('[ASSURED]'),
    mark: unsigned(seen.get('mark')) ?? 0,
    zone: decimal(both ?? orig ?? back) ?? 0,
    ...(only === undefined ? {} : { zoneOnly: only }),
    ...(helper === undefined || helper === '' ? {} : { helper }),
    text: line.text.trim(),
  }
}

/** Takes a word of a tuple: a sentence if it is wrong, false if it was taken, undefined if it is none. */
function readTupleWord(side: Side, key: string, value: string): string | false | undefined {
  if (key === 'src' || key === 'dst') {
    const address = parseIp(value)
    if (!address) return `not an address: ${key}=${value.slice(0, 60)}`
    side[key] = address
  } else if (key === 'sport' || key === 'dport') {
    const port = portNumber(value)
    if (port === undefined) return `not a port: ${key}=${value.slice(0, 40)}`
    side[key] = port
  } else if (key === 'type' || key === 'code' || key === 'id') {
    // a trailing id= is the entry's own; an ICMP tuple's follows its code
    if (key === 'id' && side.icmpType === undefined) return undefined
    if (key === 'id' && side.icmpId !== undefined) return undefined
    const number = decimal(value)
    if (number === undefined || number > (key === 'id' ? 65535 : 255))
      return `not a number: ${key}=${value.slice(0, 40)}`
    side[key === 'type' ? 'icmpType' : key === 'code' ? 'icmpCode' : 'icmpId'] = number
  } else return undefined
  return false
}

const finished = (side: Side): TupleText | undefined => {
  const { src, dst } = side as { src?: Ip; dst?: Ip }
  return src && dst ? { ...side, src, dst } : undefined
}
