import type { Flow, FlowProto } from '../talk/conversation.js'
import { didYouMean } from '../parse/problems.js'
import { FileError, UsageError } from './usage-error.js'

export const PROTOS: readonly FlowProto[] = ['tcp', 'udp', 'icmp', 'sctp']

/** More questions in one file than this are refused: they are surely not meant. */
const MOST_FLOWS = 100_000

/** A port as typed. @throws UsageError if it isn't 0–65535. */
export function portOf(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1
  if (port < 0 || port > 65535)
    throw new UsageError('bad-port', `${flag} ${text}: a port is a number from 0 to 65535`)
  return port
}

/** A protocol as typed. @throws UsageError with a suggestion. */
export function protoOf(text: string): FlowProto {
  const proto = PROTOS.find(known => known === text.toLowerCase())
  if (proto) return proto
  const hint = didYouMean(text, PROTOS)
  throw new UsageError('bad-proto', `--proto ${text}: nfsim asks about ${PROTOS.join(', ')}${hint}`)
}

/**
 * The questions of a `--flows` file: a JSON array of `{src, dst, proto, dport, sport}`.
 * @throws FileError naming the file and the position of the first entry that makes no sense
 */
export function readFlows(file: string, text: string): Flow[] {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new FileError('bad-flows', `${file}: not JSON: ${(error as Error).message}`)
  }
  if (!Array.isArray(data))
    throw new FileError(
      'bad-flows',
      `${file}: expected a JSON array of flows, [{"src": "pod", "dst": "svc"}, …]`,
    )
  if (data.length > MOST_FLOWS)
    throw new FileError(
      'bad-flows',
      `${file}: ${data.length} flows; at most ${MOST_FLOWS} are answered at once`,
    )
  return data.map((entry: unknown, at) => readFlow(entry, `${file}: flow ${at}`))
}

function readFlow(entry: unknown, where: string): Flow {
  const bad = (what: string) => new FileError('bad-flows', `${where}: ${what}`)
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw bad('expected an object')
  const given = new Map<string, unknown>(Object.entries(entry))
  const name = (key: string): string => {
    const value = given.get(key)
    if (typeof value !== 'string' || value === '') throw bad(`"${key}" must be a name or an address`)
    return value
  }
  const port = (key: string): number | undefined => {
    const value = given.get(key) ?? undefined
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 65535)
      throw bad(`"${key}" must be a whole number from 0 to 65535`)
    return value
  }
  const src = name('src')
  const dst = name('dst')
  const asked = given.get('proto') ?? 'tcp'
  const proto = PROTOS.find(known => known === asked)
  if (!proto) throw bad(`"proto" must be one of ${PROTOS.join(', ')}`)
  const sport = port('sport')
  const dport = port('dport')
  const payload = port('size')
  return {
    src,
    dst,
    proto,
    ...(sport !== undefined && { sport }),
    ...(dport !== undefined && { dport }),
    ...(payload !== undefined && { payload }),
  }
}
