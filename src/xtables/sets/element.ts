import { type Bits, ipBits, parseIp, widthOf } from '../../values/ip.js'
import { parseMac } from '../../values/mac.js'
import { maskBits } from '../../values/prefix.js'
import { parseProto } from '../../values/proto.js'
import { ICMP_NAMES } from '../matches/icmp.js'
import { ICMP6_NAMES } from '../matches/icmp6.js'
import { readIcmp } from '../matches/icmp-types.js'
import { readUint } from '../numbers.js'
import { servicePort } from '../services.js'

/** What a position of a set's element holds: `hash:ip,port,net` has three. */
export type Dimension = 'ip' | 'net' | 'port' | 'mac' | 'mark' | 'iface' | 'set'

/**
 * One position of an element. `exact` is compared as text; a network with its length, a range by its ends, a
 * device with `wildcard` by the beginning of its name.
 */
export type Component =
  | { readonly kind: 'exact'; readonly key: string }
  | { readonly kind: 'net'; readonly key: string; readonly length: number }
  | { readonly kind: 'beginning'; readonly key: string }
  | { readonly kind: 'range'; readonly from: Bits; readonly to: Bits; readonly proto?: number }

/** `hash:ip,port` → ['ip', 'port']; undefined for a type that nfsim doesn't know. */
export function dimensionsOf(type: string): readonly Dimension[] | undefined {
  const [method, words] = type.split(':')
  if (words === undefined || !['hash', 'bitmap', 'list'].includes(method!)) return undefined
  const known = ['ip', 'net', 'port', 'mac', 'mark', 'iface', 'set']
  const found = words.split(',')
  return found.every(w => known.includes(w)) ? (found as Dimension[]) : undefined
}

/** The words of an address under a prefix length, as text. */
export function maskedKey(bits: Bits, length: number): string {
  const mask = maskBits(bits.length === 1 ? 'ipv4' : 'ipv6', length)
  return bits.map((w, i) => (w & mask[i]!) >>> 0).join(':')
}

/** Reads one position of an element as `ipset save` writes it; undefined if it is none. */
export function readComponent(word: string, dimension: Dimension, type: string): Component | undefined {
  switch (dimension) {
    case 'ip':
    case 'net':
      return readAddress(word)
    case 'port':
      return type === 'bitmap:port' ? readPlainPort(word) : readProtoPort(word)
    case 'mac': {
      const mac = parseMac(word)
      return mac && { kind: 'exact', key: mac }
    }
    case 'mark': {
      const n = readUint(word)
      return Number.isNaN(n) ? undefined : { kind: 'exact', key: String(n) }
    }
    case 'iface':
    case 'set':
      return { kind: 'exact', key: word }
  }
}

function readAddress(word: string): Component | undefined {
  const dash = word.indexOf('-')
  if (dash > 0) {
    const from = parseIp(word.slice(0, dash))
    const to = parseIp(word.slice(dash + 1))
    return from && to && { kind: 'range', from: ipBits(from), to: ipBits(to) }
  }
  const slash = word.indexOf('/')
  const base = parseIp(slash < 0 ? word : word.slice(0, slash))
  if (base === undefined) return undefined
  const width = widthOf(base.includes(':') ? 'ipv6' : 'ipv4')
  const length = slash < 0 ? width : readUint(word.slice(slash + 1), width)
  return Number.isNaN(length) ? undefined : { kind: 'net', key: maskedKey(ipBits(base), length), length }
}

function readPlainPort(word: string): Component | undefined {
  const [low, high] = word.replace(/^[a-z]+:/, '').split('-')
  const from = readUint(low!, 65535)
  const to = high === undefined ? from : readUint(high, 65535)
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : { kind: 'range', from: [from], to: [to] }
}

/** `tcp:80`, `udp:1000-2000`, `icmp:echo-request`, `esp:0`, or `80`, which is TCP's. */
function readProtoPort(word: string): Component | undefined {
  const colon = word.indexOf(':')
  const proto = colon < 0 ? 6 : parseProto(word.slice(0, colon).toLowerCase())
  const rest = word.slice(colon + 1)
  if (proto === undefined) return undefined
  if (proto === 1 || proto === 58) {
    try {
      const { type, code } = readIcmp(rest, proto === 1 ? ICMP_NAMES : ICMP6_NAMES, 'ICMP')
      // a type without a code stands for its code 0
      const n = type * 256 + (code.to === 255 && code.from === 0 ? 0 : code.from)
      return { kind: 'exact', key: `${proto}:${n}` }
    } catch {
      return undefined
    }
  }
  const port = (text: string): number => {
    const n = readUint(text, 65535)
    return Number.isNaN(n) ? (servicePort(text) ?? Number.NaN) : n
  }
  const dash = rest.indexOf('-')
  const whole = port(rest)
  if (dash < 0 || !Number.isNaN(whole))
    return Number.isNaN(whole) ? undefined : { kind: 'exact', key: `${proto}:${whole}` }
  const from = port(rest.slice(0, dash))
  const to = port(rest.slice(dash + 1))
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : { kind: 'range', from: [from], to: [to], proto }
}
