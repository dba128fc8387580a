import { Moved, type RealDump } from '../real-dump.js'
import type { Random } from '../random.js'
import { bridgeWorld } from './bridge.js'
import { routerWorld } from './router.js'
import { twoWorld } from './two.js'
import type { Ask, World } from './world.js'

/** A world whose nodes carry the rules of somebody's machine, moved to where they are now. */
export const dumpWorld =
  (dumps: readonly RealDump[]) =>
  (random: Random): World => {
    const base = random.weighted([
      [4, bridgeWorld],
      [4, routerWorld],
      [1, twoWorld],
    ])(random)
    const asks: Ask[] = []
    const texts = new Map<string, string>()
    for (const node of base.nodes)
      for (const six of base.addresses.v6.length > 0 ? [false, true] : [false]) {
        const fit = dumps.filter(dump => dump.six === six)
        if (fit.length === 0) continue
        const owner = random.pick([...new Set(fit.map(dump => dump.owner))])
        const moved = new Moved(base, six, random)
        texts.set(`${node.folder} ${six}`, moved.textOf(random.pick(fit.filter(d => d.owner === owner))))
        asks.push(...moved.asks)
      }
    return {
      ...base,
      kind: 'dump',
      ...(asks.length > 0 && { asks }),
      rulesOf: (node, six) => texts.get(`${node.folder} ${six}`) ?? '*filter\nCOMMIT\n',
    }
  }
