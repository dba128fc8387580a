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
  doc: 'In OUTPUT and POSTROUTING, after IPVS has translated a request. The virtual address is the one the client asked for.',
  kernel: 'net/netfilter/xt_ipvs.c ipvs_mt()',
  options,
  check: args => (Object.keys(args).length === 0 ? 'at least one option is required' : undefined),
  ...allOf<ArgsOf<typeof options>>(({ skb, family, netns }, args) => {
    const taken = skb.ipvsProperty === true
    const parts: Part[] = []
    if (args.ipvs) parts.push(part(taken, args.ipvs.not, () => `IPVS has ${isnt(taken)}taken it in hand`))
    const { proto, address, port, dir, method, portctl } = args
    if (!proto && !address && !port && !dir && !method && !portctl) return parts
    if (!taken) return [part(false, false, () => 'IPVS has not taken it in hand')]
    const entry = skb.ct?.kind === 'tracked' ? skb.ct.entry : undefined
    if (!entry)
      return [
        ...parts,
        part('unknown', false, () => 'it has no conntrack entry to tell the virtual service by'),
      ]
    const { original } = entry
    if (proto)
      parts.push(
        part(
          original.proto === proto.value,
          proto.not,
          () => `protocol ${original.proto} is ${isnt(original.proto === proto.value)}${proto.value}`,
        ),
      )
    if (address) {
      const { value, not } = address
      const seen = original.dst.address
      const raw = sameFamily(seen, family) && sameUnderMask(ipBits(seen), value.bits, value.mask)
      parts.push(part(raw, not, () => `virtual address ${seen} is ${isnt(raw)}${networkText(value)}`))
    }
    if (port) {
      const raw = original.dst.port === port.value
      parts.push(part(raw, port.not, () => `virtual port ${original.dst.port} is ${isnt(raw)}${port.value}`))
    }
    if (dir) {
      const seen = ctDirection(skb) === 'reply' ? 'REPLY' : 'ORIGINAL'
      parts.push(part(seen === dir.value, false, () => `the direction is ${seen}, asked for ${dir.value}`))
    }
    if (method) {
      const service = netns.ipvs?.services.find(
        ({ id }) =>
          id.kind === 'address' && id.address === original.dst.address && id.port === original.dst.port,
      )
      const server = service?.realServers.find(s => s.address === entry.reply.src.address)
      const raw = server ? server.method === METHODS[method.value] : 'unknown'
      parts.push(
        part(
          raw,
          method.not,
          () => `forwarding method ${server?.method ?? '(not told)'}, asked for ${method.value}`,
        ),
      )
    }
    if (portctl) parts.push(part('unknown', portctl.not, () => 'the controlling connection is not told'))
    return parts
  }),
})
