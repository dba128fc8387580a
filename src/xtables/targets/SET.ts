import type { IpSet, SetEntry } from '../../model/ipset.js'
import { FULL_MASK, setXmark } from '../../values/mark.js'
import { defineTarget, type Outcome, type RuleEnv } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, type OptionSpec, option } from '../options.js'
import { currentSet, replaceSet } from '../sets/current-set.js'
import { membership } from '../sets/membership.js'
import { flag, uint } from '../values.js'
import { given } from './given.js'
import { type SetDirection, setElement } from './set-element.js'

interface SetUse {
  readonly name: string
  readonly directions: readonly SetDirection[]
}

const setRow = (flagName: string): OptionSpec<SetUse> =>
  option({
    flags: [flagName],
    words: 2,
    // the tool reads a "!" here and forgets it
    negatable: true,
    read([name, list]) {
      if (name!.length > 31) throw new BadValue(`the set's name "${name}" is longer than 31 characters`)
      const directions = list!.split(',')
      if (directions.length > 6) throw new BadValue('at most 6 of src and dst')
      const bad = directions.find(d => d !== 'src' && d !== 'dst')
      if (bad !== undefined) throw new BadValue(`"${bad}" is neither src nor dst`)
      return { name: name!, directions: directions as SetDirection[] }
    },
    print: s => [s.name, s.directions.join(',')],
  })

/** Puts the packet's addresses and ports into a set, or takes them out; or lets a set choose the mark. */
export const setTarget = defineTarget({
  name: 'SET',
  summary: 'add to an ipset, delete from it, or take mark and priority from it',
  doc: `The set changes for the rest of the run and is asked by later packets. --map-set needs a set made with skbinfo.
Time-outs are not played: an added element stays.`,
  kernel: 'net/netfilter/xt_set.c set_target_v3()',
  options: {
    add: setRow('--add-set'),
    exist: flag('--exist'),
    timeout: { ...uint('--timeout', { max: 4294967294 }), repeatable: true },
    del: setRow('--del-set'),
    map: setRow('--map-set'),
    mapMark: flag('--map-mark'),
    mapPrio: flag('--map-prio'),
    mapQueue: flag('--map-queue'),
  },
  check(args, rule) {
    const mapped = args.mapMark ?? args.mapPrio ?? args.mapQueue
    if (!args.add && !args.del && !args.map) return 'one of --add-set, --del-set, --map-set is required'
    if ((args.exist || args.timeout) && !args.add) return '--exist and --timeout go with --add-set only'
    if (mapped && !args.map) return '--map-mark, --map-prio and --map-queue go with --map-set only'
    if (args.map && !mapped) return '--map-set needs --map-mark, --map-prio or --map-queue'
    if (args.map && rule.table !== undefined && rule.table !== 'mangle')
      return '--map-set works in the mangle table only'
    const late = rule.chain !== 'PREROUTING' && rule.chain !== 'INPUT'
    if ((args.mapPrio || args.mapQueue) && !late)
      return '--map-prio and --map-queue work in FORWARD, OUTPUT and POSTROUTING only'
    return undefined
  },
  complete: args => ({
    ...args,
    ...(args.add && { add: given(args.add.value) }),
    ...(args.del && { del: given(args.del.value) }),
    ...(args.map && { map: given(args.map.value) }),
  }),
  act(env, { add, del, map, mapMark, mapPrio, exist, timeout }) {
    if (add) change(env, add.value, (set, element) => added(set, element, !!exist, timeout?.value))
    if (del) change(env, del.value, (set, element) => without(set, element))
    return map ? mapFrom(env, map.value, !!mapMark, !!mapPrio) : { kind: 'continue' }
  },
})

function change(
  env: RuleEnv,
  use: SetUse,
  how: (set: IpSet, element: string) => readonly SetEntry[] | undefined,
): void {
  const set = currentSet(env, use.name)
  const element = set && setElement(set, use.directions, env)
  const entries = element === undefined ? undefined : how(set!, element)
  if (entries) replaceSet(env, { ...set!, entries })
}

function added(set: IpSet, element: string, exist: boolean, timeout: number | undefined) {
  const entry: SetEntry = {
    element,
    nomatch: false,
    options: timeout !== undefined && set.options.timeout !== undefined ? { timeout: String(timeout) } : {},
  }
  if (!set.entries.some(e => e.element === element)) return [...set.entries, entry]
  return exist ? set.entries.map(e => (e.element === element ? entry : e)) : undefined
}

const without = (set: IpSet, element: string) =>
  set.entries.some(e => e.element === element) ? set.entries.filter(e => e.element !== element) : undefined

/** Takes mark and priority of the element that the packet falls on (struct ip_set_skbinfo). */
function mapFrom(env: RuleEnv, use: SetUse, mark: boolean, priority: boolean): Outcome {
  const { is, entry, says } = membership(env, use.name, use.directions)
  if (is === 'unknown') return { kind: 'unknown', because: says }
  if (!entry) return { kind: 'continue' }
  let { skb } = env
  const { skbmark, skbprio } = entry.options
  const [value, mask] = (skbmark ?? '0').split('/').map(half => readUint(half))
  if (mark && Number.isInteger(value) && !Number.isNaN(mask))
    skb = { ...skb, mark: setXmark(skb.mark, { value: value!, mask: mask ?? FULL_MASK }) }
  const [major, minor] = (skbprio ?? '0:0').split(':').map(half => readUint(`0x${half}`, 0xffff))
  if (priority && Number.isInteger(major) && Number.isInteger(minor))
    skb = { ...skb, priority: ((major! << 16) | minor!) >>> 0 }
  return { kind: 'continue', skb }
}
