import type { IpvsConnectionLine, IpvsEnd } from '../model/ipvs.js'
import type { Problem } from '../model/place.js'
import { parseIp } from '../values/ip.js'
import { PROTO } from '../values/proto.js'
import { linesOf, portNumber, Words } from './lines.js'

export interface IpvsConnectionsRead {
  readonly connections: readonly IpvsConnectionLine[]
  readonly problems: readonly Problem[]
}

const PROTOS = new Map([
  ['TCP', PROTO.tcp],
  ['UDP', PROTO.udp],
  ['SCTP', PROTO.sctp],
  ['IP', 0],
])
const HEADING = /^(IPVS connection entries|pro expire)/

/** Reads `ipvsadm -Lnc`: two headings, then a connection a line. Never throws on bad text. */
export function parseIpvsConnections(text: string, file: string): IpvsConnectionsRead {
  const connections: IpvsConnectionLine[] = []
  const problems: Problem[] = []
  const seen = new Map<string, number>()
  for (const line of linesOf(text, problems)) {
    if (HEADING.test(line.text)) continue
    const words = new Words(line, file)
    const bad = (message: string) => void problems.push(words.problem(message))
    const proto = PROTOS.get(words.take() ?? '')
    if (proto === undefined) {
      bad('not a connection of IPVS: expected TCP, UDP, SCTP or IP, as `ipvsadm -Lnc` prints them')
      continue
    }
    const expires = secondsOf(words.take())
    if (expires === undefined) {
      bad('expected the time that is left, as 14:57')
      continue
    }
    const state = words.take()
    if (state === undefined || !/^[A-Z][A-Z0-9_-]*$/.test(state)) {
      bad('expected the state, as ESTABLISHED')
      continue
    }
    const ends: IpvsEnd[] = []
    for (const what of ['client', 'virtual service', 'real server']) {
      const end = endOf(words.take())
      if (!end) {
        bad(`expected the ${what} in numbers (10.0.0.1:80): is the line cut, or was -n forgotten?`)
        break
      }
      ends.push(end)
    }
    const [client, virtual, server] = ends
    if (!client || !virtual || !server) continue
    const name = `${proto} ${client.address}:${client.port} ${virtual.address}:${virtual.port}`
    const before = seen.get(name)
    if (before !== undefined) {
      bad(`this connection is there twice (first in line ${before})`)
      continue
    }
    seen.set(name, line.number)
    connections.push({ proto, expires, state, client, virtual, server, line: line.number })
  }
  return { connections, problems }
}

/** `MM:SS`; ipvsadm lets the minutes grow. */
function secondsOf(word: string | undefined): number | undefined {
  const parts = /^(\d{1,7}):([0-5]\d)$/.exec(word ?? '')
  return parts ? Number(parts[1]) * 60 + Number(parts[2]) : undefined
}

function endOf(word: string | undefined): IpvsEnd | undefined {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(word ?? '')
  const address = parseIp(parts?.[1] ?? parts?.[2] ?? '')
  const port = portNumber(parts?.[3])
  if (!address || port === undefined || (parts?.[1] === undefined) === address.includes(':')) return undefined
  return { address, port }
}
