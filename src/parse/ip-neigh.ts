import type { Problem } from '../model/place.js'
import type { Neighbour } from '../model/route.js'
import { familyOf, parseIp } from '../values/ip.js'
import { parseMac } from '../values/mac.js'
import { readJsonList } from './json.js'
import { Words, linesOf } from './lines.js'

export interface NeighboursRead {
  readonly neighbours: readonly Neighbour[]
  readonly problems: readonly Problem[]
}

const STATES = /^(PERMANENT|REACHABLE|STALE|DELAY|PROBE|FAILED|INCOMPLETE|NOARP|NONE)$/

/** Reads `ip neigh` (and `ip neigh show proxy`), text or `-j`. */
export function parseIpNeigh(text: string, file: string): NeighboursRead {
  return /^\s*\[/.test(text) ? readJson(text, file) : readText(text, file)
}

function readText(text: string, file: string): NeighboursRead {
  const neighbours: Neighbour[] = []
  const problems: Problem[] = []
  for (const line of linesOf(text, problems)) {
    const words = new Words(line, file)
    const address = parseIp(words.take() ?? '')
    if (!address) {
      problems.push(words.problem('not a neighbour: expected `ADDRESS dev DEVICE lladdr MAC STATE`'))
      continue
    }
    let dev: string | undefined
    let lladdr: string | undefined
    let state: string | undefined
    let proxy = false
    for (let word = words.take(); word !== undefined; word = words.take()) {
      if (word === 'dev') dev = words.take()
      else if (word === 'lladdr') lladdr = words.take()
      else if (word === 'proxy') proxy = true
      else if (STATES.test(word)) state = word
    }
    if (dev === undefined) problems.push(words.problem('a neighbour without `dev`'))
    else neighbours.push(neighbour(address, dev, lladdr, state, proxy))
  }
  return { neighbours, problems }
}

function readJson(text: string, file: string): NeighboursRead {
  const list = readJsonList(text, file)
  const neighbours: Neighbour[] = []
  const problems = [...list.problems]
  for (const item of list.items) {
    const address = parseIp(item.text('dst') ?? '')
    const dev = item.text('dev')
    if (!address || dev === undefined)
      problems.push(list.about(item.text('dst') ?? 'dst', 'a neighbour without address or `dev`'))
    else
      neighbours.push(neighbour(address, dev, item.text('lladdr'), item.texts('state')[0], item.has('proxy')))
  }
  return { neighbours, problems }
}

function neighbour(
  address: Neighbour['address'],
  dev: string,
  lladdr: string | undefined,
  state: string | undefined,
  proxy: boolean,
): Neighbour {
  const mac = lladdr === undefined ? undefined : parseMac(lladdr)
  return {
    family: familyOf(address),
    address,
    dev,
    ...(mac ? { mac } : {}),
    // `ip neigh show nud all` prints nothing where there is no state yet
    state: state ?? (mac ? 'REACHABLE' : 'NONE'),
    proxy,
  }
}
