import { requestOf } from '../ipvs/request.js'
import type { Ruleset } from '../model/ruleset.js'
import { failed } from '../routing/fib.js'
import { hasRealms, routeRealm } from '../routing/realm.js'
import { routeMtu } from '../run/mtu.js'
import type { Skb } from '../skb/skb.js'
import { familyOf } from '../values/ip.js'
import type { RuleEnv } from '../xtables/extension.js'
import type { HookState } from './hook-op.js'

/** What a rule's extensions may look at, in this hook and namespace. */
export function ruleEnv(
  state: HookState,
  table: string,
  ruleset: Ruleset,
  skb: Skb,
): Omit<RuleEnv, 'skb' | 'rule'> {
  const { here } = state
  const { space } = here
  const { family } = ruleset
  return {
    hook: state.hook,
    table,
    family,
    backend: ruleset.backend,
    ...(state.in === undefined ? {} : { in: state.in }),
    ...(state.out === undefined ? {} : { out: state.out }),
    netns: space.netns,
    memory: here.state.memory,
    now: here.run.now,
    ...(here.run.epoch === undefined ? {} : { clock: here.run.epoch + here.run.now }),
    choose: (at, options) => here.run.choose(here.trace, space.name, at, options),
    addressTypes(address, dev) {
      const fib = space.fib(familyOf(address))
      return fib.family === 'ipv4' ? [fib.addressType(address, dev)] : fib.addressTypes6(address, dev)
    },
    ipvsConnection: packet => here.state.ipvs.connections.outgoing(requestOf(packet), here.run.now),
    socketAt: ends => here.state.sockets.at(ends, state.in),
    addressesOf: dev => space.addressesOf(dev, family),
    pathMtu() {
      const { route, packet } = skb
      if (!route) return undefined
      const back = space.fib(family).lookup({ dst: packet.src, mark: 0 })
      const lost = failed(back) || back.nexthop?.dev === undefined
      return Math.min(
        routeMtu(space, route),
        lost ? Number.POSITIVE_INFINITY : routeMtu(space, { dev: back.nexthop.dev, route: back.route }),
      )
    },
    realms: () =>
      // a frame that a bridge forwards has the bridge's own route, which has none
      state.bridged || !skb.route || !hasRealms(space) ? 0 : routeRealm(skb, skb.route, space),
    // xt_rpfilter.c rpfilter_lookup_reverse(): the reverse route must use the device that the packet came in by
    reversePathOk({ loose, validMark, acceptLocal }) {
      const { packet } = skb
      const answer = space
        .fib(family)
        .lookup({ src: packet.dst, dst: packet.src, mark: validMark ? skb.mark : 0, iif: 'lo' })
      if (failed(answer)) return false
      const { type } = answer.route
      if (type !== 'unicast' && !(type === 'local' && acceptLocal)) return false
      // in IPv6 an own address is on every device of the machine
      if (type === 'local' && family === 'ipv6') return true
      return loose || answer.route.nexthops.some(n => n.dev === state.in)
    },
  }
}
