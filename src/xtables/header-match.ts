import type { Packet } from '../model/packet.js'
import type { Backend, Header, InterfaceName } from '../model/ruleset.js'
import { type Bits, type Family, ipBits } from '../values/ip.js'
import { sameUnderMask } from '../values/prefix.js'
import { PROTO, protoName } from '../values/proto.js'
import { maskText } from './addresses.js'
import type { AddressMask } from './header.js'

/** Does a packet fit a rule's header? Devices are undefined where the hook has none. */
export type HeaderTest = (
  packet: Packet,
  src: Bits,
  dst: Bits,
  inDev: string | undefined,
  outDev: string | undefined,
) => boolean

/**
 * The part of a rule that looks at the IP header alone, as a closure with only the tests that are asked.
 * Kernel: net/ipv4/netfilter/ip_tables.c ip_packet_match(), net/ipv6/netfilter/ip6_tables.c ip6_packet_match().
 */
export function compileHeader(header: Header, family: Family, backend: Backend): HeaderTest {
  if (header.only !== undefined && header.only !== family) return () => false
  const tests: HeaderTest[] = []
  const { src, dst, proto, fragment } = header
  if (src) {
    const test = addressTest(src)
    tests.push((_packet, seen) => test(seen))
  }
  if (dst) {
    const test = addressTest(dst)
    tests.push((_packet, _src, seen) => test(seen))
  }
  if (header.in) {
    const test = deviceTest(header.in)
    tests.push((_packet, _src, _dst, inDev) => test(inDev))
  }
  if (header.out) {
    const test = deviceTest(header.out)
    tests.push((_packet, _src, _dst, _in, outDev) => test(outDev))
  }
  if (proto) {
    const { value, not } = proto
    if (value !== 0)
      tests.push(
        family === 'ipv6' && backend === 'nft'
          ? packet => (asSeen(packet, backend).proto === value) !== not
          : packet => (packet.proto === value) !== not,
      )
  }
  if (fragment) tests.push(packet => packet.fragmentOffset > 0 !== fragment.not)
  const [first, second, third] = tests
  if (!first) return () => true
  if (!second) return first
  if (!third) return (p, s, d, i, o) => first(p, s, d, i, o) && second(p, s, d, i, o)
  return (p, s, d, i, o) => {
    for (const test of tests) if (!test(p, s, d, i, o)) return false
    return true
  }
}

/** nft_set_pktinfo_ipv6() stops at an authentication header and takes it for the protocol; ip6_packet_match() does not. */
export const asSeen = (packet: Packet, backend: Backend): Packet =>
  backend === 'nft' && packet.headers?.some(h => h.kind === 'ah') ? { ...packet, proto: PROTO.ah } : packet

function addressTest({ bits, mask, not }: AddressMask): (seen: Bits) => boolean {
  if (bits.length === 1) {
    const m = mask[0]!
    const want = bits[0]! & m
    return seen => ((seen[0]! & m) === want) !== not
  }
  return seen => sameUnderMask(seen, bits, mask) !== not
}

/** ifname_compare_aligned(): a trailing `+` is a wildcard; no device is a device without a name. */
export function deviceTest({ name, not }: InterfaceName): (seen: string | undefined) => boolean {
  if (!name.endsWith('+')) return seen => (seen === name) !== not
  const prefix = name.slice(0, -1)
  return seen => (seen ?? '').startsWith(prefix) !== not
}

/** Which part of the header a packet fails, first one first, with what was seen and asked; '' if it fits. */
export function explainHeader(
  header: Header,
  packet: Packet,
  inDev: string | undefined,
  outDev: string | undefined,
): string {
  const { src, dst, proto, fragment } = header
  if (src && !addressTest(src)(ipBits(packet.src))) return inNetwork('source', packet.src, src)
  if (dst && !addressTest(dst)(ipBits(packet.dst))) return inNetwork('destination', packet.dst, dst)
  if (header.in && !deviceTest(header.in)(inDev)) return deviceText('input', inDev, header.in)
  if (header.out && !deviceTest(header.out)(outDev)) return deviceText('output', outDev, header.out)
  if (proto && proto.value !== 0 && (packet.proto === proto.value) === proto.not)
    return proto.not
      ? `protocol is ${protoName(packet.proto)}`
      : `protocol ${protoName(packet.proto)} is not ${protoName(proto.value)}`
  if (fragment && packet.fragmentOffset > 0 === fragment.not)
    return fragment.not ? 'it is a second or further fragment' : 'it is no second or further fragment'
  return ''
}

const inNetwork = (what: string, seen: string, { address, mask, not }: AddressMask): string =>
  `${what} ${seen} is ${not ? '' : 'not '}in ${address}/${maskText(mask)}`
const deviceText = (what: string, seen: string | undefined, { name, not }: InterfaceName): string =>
  `${what} device ${seen ?? '(none)'} is ${not ? '' : 'not '}${name}`
