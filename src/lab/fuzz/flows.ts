import type { Flow } from '../../talk/conversation.js'
import type { Random } from './random.js'
import { TCP_PORTS, UDP_PORTS, type World } from './worlds/world.js'

/** Random questions: mostly to what exists, sometimes to what does not. */
export function randomFlows(world: World, random: Random, count: number, firstPort: number): Flow[] {
  const flows: Flow[] = []
  while (flows.length < count) {
    const six = world.addresses.v6.length > 0 && random.chance(0.25)
    const known = six ? world.addresses.v6 : world.addresses.v4
    const own = six ? world.own.v6 : world.own.v4
    const src = random.pick(world.sources)
    if (world.asks && random.chance(0.75)) {
      flows.push({ src, ...random.pick(world.asks), sport: firstPort + flows.length })
      continue
    }
    const dst = random.weighted<string>([
      [8, random.pick(known)],
      [1.5, random.pick(own)],
      [six ? 0 : 0.3, '127.0.0.1'],
      [six ? 0 : 0.2, '10.99.9.9'],
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
    flows.push({ src, dst, proto, sport: firstPort + flows.length, dport })
  }
  return flows
}
