import type { RealServer, ServiceId, VirtualService } from '../../model/ipvs.js'
import { BadLine, type FwmarkNode, type PlacedWord, type ServerNode, type ServiceNode } from './nodes.js'
import {
  endpointOf,
  granularityOf,
  isIpv6,
  markOf,
  methodOf,
  numberOf,
  persistenceOf,
  schedulerOf,
} from './words.js'

/** A service line of `ipvsadm -Ln`. @throws BadLine */
export function listedService(node: ServiceNode | FwmarkNode, line: number): VirtualService {
  const words = [...node.words]
  let id: ServiceId
  if (node.kind === 'service') id = { kind: 'address', proto: node.proto, ...endpointOf(node.endpoint, 1) }
  else {
    const ipv6 = words[0]?.word === 'IPv6'
    if (ipv6) words.shift()
    id = { kind: 'fwmark', mark: markOf(node.mark, 1), ipv6 }
  }
  const scheduler = words.shift()
  if (!scheduler) throw new BadLine(1, 'the scheduler is missing: is the line cut?')
  const service: { -readonly [K in keyof VirtualService]: VirtualService[K] } = {
    id,
    scheduler: schedulerOf(scheduler.word, scheduler.column),
    schedulerFlags: [],
    onePacket: false,
    realServers: [],
    line,
  }
  for (let word = words.shift(); word; word = words.shift()) takeFlag(service, word, words)
  return service
}

function takeFlag(
  service: { -readonly [K in keyof VirtualService]: VirtualService[K] },
  { word, column }: PlacedWord,
  rest: PlacedWord[],
): void {
  if (/^\(.+\)$/.test(word)) service.schedulerFlags = word.slice(1, -1).split(',')
  else if (word === 'persistent') service.persistent = persistenceOf(rest.shift()?.word, column)
  else if (word === 'mask')
    service.persistenceMask = granularityOf(rest.shift()?.word, isIpv6(service.id), column)
  else if (word === 'pe') {
    const engine = rest.shift()?.word
    if (engine === undefined) throw new BadLine(column, 'the name of the persistence engine is missing')
    service.persistenceEngine = engine
  } else if (word === 'ops') service.onePacket = true
  else throw new BadLine(column, `unknown word ${word.slice(0, 40)} in a service line`)
}

/** A `->` line of `ipvsadm -Ln`, with or without the column of --tun-info. @throws BadLine */
export function listedServer(node: ServerNode, line: number): RealServer {
  const end = node.words.at(-1)
  const [method, ...numbers] = node.words
  if (!method) throw new BadLine(1, 'forwarding method and weight are missing: is the line cut?')
  const forwarding = methodOf(method.word, method.column)
  // --tun-info puts `n/a`, `ipip`, `gue:6080:+c` between method and weight
  if (numbers.length === 4 && !/^\d+$/.test(numbers[0]!.word)) numbers.shift()
  const most = 0xffffffff
  const at = (i: number, what: string, limit: number) =>
    numberOf(numbers[i]?.word, what, numbers[i]?.column ?? end!.column, limit)
  const server: RealServer = {
    ...endpointOf(node.endpoint, 1),
    method: forwarding,
    weight: at(0, 'the weight', 0x7fffffff),
    activeConnections: at(1, 'the number of active connections', most),
    inactiveConnections: at(2, 'the number of inactive connections', most),
    line,
  }
  const stray = numbers[3]
  if (stray) throw new BadLine(stray.column, `unknown word ${stray.word.slice(0, 40)} behind a real server`)
  return server
}
