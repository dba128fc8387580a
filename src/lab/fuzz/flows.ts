import type { Flow } from '../../talk/conversation.js'
import type { Asked } from '../observe.js'
import type { Random } from './random.js'
import { TCP_PORTS, UDP_PORTS, type World } from './worlds/world.js'

/** Random questions: mostly to what exists, sometimes to what does not; some of them after others, on the same state. */
export function randomFlows(world: World, random: Random, count: number, firstPort: number): Asked[] {
  return Array.from({ length: count }, (_, at) => {
    const flow: Flow = { ...randomFlow(world, random), sport: firstPort + at }
    const before = random.chance(0.15) ? earlier(flow, world, random, firstPort + count + 4 * at) : []
    return before.length === 0 ? flow : { ...flow, before }
  })
}

function randomFlow(world: World, random: Random): Flow {
  const src = random.pick(world.sources)
  if (world.asks && random.chance(0.75)) return { src, ...random.pick(world.asks) }
  const six = world.addresses.v6.length > 0 && random.chance(0.25)
  const known = six ? world.addresses.v6 : world.addresses.v4
  const own = six ? world.own.v6 : world.own.v4
  const dst = random.weighted<string>([
    [8, random.pick(known)],
    [1.5, random.pick(own)],
    [six ? 0 : 0.3, '127.0.0.1'],
    [six ? 0 : 0.2, '10.99.9.9'],
    [0.1, six ? '::' : random.pick(['0.0.0.0', '255.255.255.255', '10.244.1.255', '224.0.0.1'])],
  ])
  const proto = random.weighted<'tcp' | 'udp' | 'icmp'>([
    [10, 'tcp'],
    [6, 'udp'],
    [2, 'icmp'],
  ])
  const dport =
    proto === 'icmp'
      ? 0
      : random.chance(0.88)
        ? random.pick<number>(proto === 'tcp' ? TCP_PORTS : UDP_PORTS)
        : random.pick([443, 9999, 30080])
  // a datagram that is long, but not too long; one that its sender cuts; one that a tunnel makes too long. Not in IPv6:
  // its sender is told of each piece that finds no neighbour
  const long = random.chance(0.08)
    ? random.pick(proto === 'tcp' || six ? [500, 1200] : [1000, 1430, 1472, 3000])
    : undefined
  return { src, dst, proto, dport, ...(long !== undefined && { payload: long }) }
}

/** What was asked before: the same, by others from the same port, or anything else. */
function earlier(flow: Flow, world: World, random: Random, port: number): NonNullable<Asked['before']> {
  const { src, dst, proto, dport } = flow
  const same = { src, dst, ...(proto && { proto }), ...(dport !== undefined && { dport }) }
  const others = world.sources.filter(name => name !== src)
  switch (random.below(4)) {
    case 0:
      return [{ ...same, end: 'aborted' }]
    case 1:
      return [{ ...same, src: random.pick(others), end: 'open' }]
    case 2:
      return random
        .shuffled(others)
        .slice(0, 2)
        .map(name => ({ ...same, src: name, end: 'open' as const }))
    default:
      return [
        { ...same, sport: port, end: random.pick(['open', 'aborted'] as const) },
        { ...randomFlow(world, random), sport: port + 1, end: 'open' },
      ]
  }
}
