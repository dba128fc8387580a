import { type Family, ipBits } from '../../values/ip.js'
import { sameUnderMask } from '../../values/prefix.js'
import { parseProto } from '../../values/proto.js'
import { network, networkText } from '../addresses.js'
import { type ArgsOf, defineMatch } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, type Part, part } from '../parts.js'
import { flag, keyword, uint16 } from '../values.js'
import { ctDirection } from './ct-state.js'

const negatable = { negatable: true } as const
const options = {
  ipvs: flag('--ipvs', negatable),
  proto: option<number>({
    flags: ['--vproto'],
    words: 1,
    negatable: true,
    read([word]) {
      const n = parseProto(word!) ?? readUint(word!, 255)
      if (Number.isNaN(n)) throw new BadValue(`unknown protocol "${word}" specified`)
      return n
    },
    print: n => [String(n)],
  }),
  address: network('--vaddr', negatable),
  port: uint16('--vport', negatable),
  dir: keyword('--vdir', ['ORIGINAL', 'REPLY'], { ignoreCase: true }),
  method: keyword('--vmethod', ['GATE', 'IPIP', 'MASQ'], { ignoreCase: true, negatable: true }),
  portctl: uint16('--vportctl', negatable),
} as const
const METHODS = { GATE: 'Route', IPIP: 'Tunnel', MASQ: 'Masq' } as const
const sameFamily = (address: string, family: Family): boolean => address.includes(':') === (family === 'ipv6')

export const ipvs = defineMatch({
  name: 'ipvs',
  summary: 'packets that IPVS has taken in hand, and their virtual service',
  doc: 'In OUTPUT and POSTROUTING, after IPVS has translated a request. Answers are only known by plain --ipvs: their connection is looked for as if they were requests, and not found. --vdir needs a conntrack entry (net.ipv4.vs.conntrack 1).',
  kernel: 'net/netfilter/xt_ipvs.c ipvs_mt()',
  options,
  check(args) {
    const given = Object.keys(args).length
    if (given === 0) return 'at least one option is required'
    return args.ipvs?.not && given > 1 ? '! --ipvs cannot be together with other options' : undefined
  },
  ...allOf<ArgsOf<typeof options>>((env, { ipvs: property, proto, address, port, dir, method, portctl }) => {
    const { skb, family } = env
    const taken = skb.ipvsProperty === true
    if (!proto && !address && !port && !dir && !method && !portctl)
      return [part(taken, property?.not ?? false, () => `IPVS has ${isnt(taken)}taken it in hand`)]
    // beside other options --ipvs says nothing more
    if (!taken) return [part(false, false, () => 'IPVS has not taken it in hand')]
    const parts: Part[] = []
    if (proto) {
      const raw = skb.packet.proto === proto.value
      parts.push(part(raw, proto.not, () => `protocol ${skb.packet.proto} is ${isnt(raw)}${proto.value}`))
    }
    const c = env.ipvsConnection?.(skb.packet)
    if (!c) return [...parts, part(false, false, () => 'it is on its way to no real server of a connection')]
    if (port) {
      const raw = c.vport === port.value
      parts.push(part(raw, port.not, () => `virtual port ${c.vport} is ${isnt(raw)}${port.value}`))
    }
    if (portctl) {
      const control = c.template?.vport
      const raw = control === portctl.value
      parts.push(
        part(
          raw,
          portctl.not,
          () => `controlling port ${control ?? '(none)'} is ${isnt(raw)}${portctl.value}`,
        ),
      )
    }
    if (dir) {
      const seen = ctDirection(skb)?.toUpperCase()
      const raw = seen === dir.value
      parts.push(part(raw, false, () => `the direction is ${seen ?? '(untracked)'}, asked for ${dir.value}`))
    }
    if (method) {
      const raw = c.method === METHODS[method.value]
      parts.push(part(raw, method.not, () => `forwarding method ${c.method}, asked for ${method.value}`))
    }
    if (address) {
      const { value, not } = address
      const raw = sameFamily(c.vaddr, family) && sameUnderMask(ipBits(c.vaddr), value.bits, value.mask)
      parts.push(part(raw, not, () => `virtual address ${c.vaddr} is ${isnt(raw)}${networkText(value)}`))
    }
    return parts
  }),
})
