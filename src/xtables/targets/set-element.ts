import type { IpSet } from '../../model/ipset.js'
import { familyOf, formatIp, type Ip, ipBits } from '../../values/ip.js'
import { hex } from '../../values/mark.js'
import { maskBits } from '../../values/prefix.js'
import { hasPorts, protoLabel } from '../../values/proto.js'
import type { RuleEnv } from '../extension.js'
import { readUint } from '../numbers.js'

export type SetDirection = 'src' | 'dst'

/**
 * The element of a set that a packet stands for, spelled as `ipset save` does (`10.0.0.1,tcp:80`). undefined: the
 * packet has none for this set (another family, no ports, too few directions).
 */
export function setElement(
  set: IpSet,
  directions: readonly SetDirection[],
  env: RuleEnv,
): string | undefined {
  const dimensions = set.type.slice(set.type.indexOf(':') + 1).split(',')
  if (set.type.startsWith('list:') || directions.length < dimensions.length) return undefined
  const parts: string[] = []
  for (const [i, dimension] of dimensions.entries()) {
    const part = partOf(dimension, directions[i]!, set, env)
    if (part === undefined) return undefined
    parts.push(part)
  }
  return parts.join(',')
}

function partOf(dimension: string, direction: SetDirection, set: IpSet, env: RuleEnv): string | undefined {
  const { packet, mark } = env.skb
  switch (dimension) {
    case 'ip':
    case 'net': {
      const address = direction === 'src' ? packet.src : packet.dst
      const v6 = set.family === 'inet6'
      if ((familyOf(address) === 'ipv6') !== v6) return undefined
      const length = Number(set.options.netmask ?? (v6 ? 128 : 32))
      return dimension === 'ip' ? network(address, length) : address
    }
    case 'port':
      return portPart(direction, set, env)
    case 'mac':
      return direction === 'src' ? packet.eth?.src : packet.eth?.dst
    case 'mark':
      // hash:ip,mark keeps the bits of its markmask only
      return hex(mark & readUint(set.options.markmask ?? '0xffffffff'))
    case 'iface':
      return direction === 'src' ? env.in : env.out
    default:
      return undefined
  }
}

function portPart(direction: SetDirection, set: IpSet, env: RuleEnv): string | undefined {
  const { packet } = env.skb
  if (packet.fragmentOffset > 0) return undefined
  const port = direction === 'src' ? packet.sport : packet.dport
  if (set.type === 'bitmap:port') return port === undefined ? undefined : String(port)
  if (hasPorts(packet.proto)) return port === undefined ? undefined : `${protoLabel(packet.proto)}:${port}`
  if (!packet.icmp) return `${packet.proto}:0`
  return `${protoLabel(packet.proto)}:${packet.icmp.type}/${packet.icmp.code}`
}

function network(address: Ip, length: number): string {
  const bits = ipBits(address)
  const width = 32 * bits.length
  if (!Number.isInteger(length) || length < 0 || length >= width) return address
  const mask = maskBits(bits.length === 1 ? 'ipv4' : 'ipv6', length)
  return formatIp(bits.map((w, i) => (w & mask[i]!) >>> 0))
}
