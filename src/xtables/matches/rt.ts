import type { Ip } from '../../values/ip.js'
import { readIp } from '../addresses.js'
import { defineMatch } from '../extension.js'
import { BadValue, option } from '../options.js'
import { flag, uint32, uintRange } from '../values.js'

/** IP6T_RT_HOPS */
const MOST = 16

export const rt = defineMatch({
  name: 'rt',
  summary: 'the routing header of an IPv6 packet',
  doc: 'Simulated packets carry no routing header, so they do not fit, with or without `!`.',
  kernel: 'net/ipv6/netfilter/ip6t_rt.c rt_mt6()',
  family: 'ipv6',
  options: {
    type: uint32('--rt-type', { negatable: true }),
    segsleft: uintRange('--rt-segsleft', { negatable: true, hideFull: true }),
    length: uint32('--rt-len', { negatable: true }),
    res: flag('--rt-0-res'),
    addresses: option<readonly Ip[]>({
      flags: ['--rt-0-addrs'],
      words: 1,
      read([word], { family }) {
        const items = word!.split(',')
        if (items.length > MOST) throw new BadValue('too many addresses specified')
        return items.map(item => readIp(item, family))
      },
      print: list => [list.join(',')],
    }),
    notStrict: flag('--rt-0-not-strict'),
  },
  check({ type, res, addresses, notStrict }) {
    const zero = type && type.value === 0 && !type.not
    if (res && !zero) return "`--rt-type 0' required before `--rt-0-res'"
    if (addresses && !zero) return "`--rt-type 0' required before `--rt-0-addrs'"
    return notStrict && !addresses ? "`--rt-0-addr ...' required before `--rt-0-not-strict'" : undefined
  },
  match: () => false,
  because: () => 'it has no routing header',
})
