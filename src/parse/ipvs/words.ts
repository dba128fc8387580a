import type { ForwardingMethod, ServiceId } from '../../model/ipvs.js'
import { familyOf, type Ip, parseIp } from '../../values/ip.js'
import { didYouMean } from '../problems.js'
import { BadLine, type Endpoint } from './nodes.js'

/** Schedulers of the kernel, net/netfilter/ipvs/ip_vs_*.c. */
const SCHEDULERS = 'rr wrr lc wlc fo ovf lblc lblcr dh sh mh sed nq twos'.split(' ')
const METHODS: readonly ForwardingMethod[] = ['Masq', 'Route', 'Tunnel', 'Local']
/** ipvsadm.c: a persistent service without a timeout (IP_VS_SVC_PERSISTENT_TIMEOUT), in seconds. */
export const DEFAULT_PERSISTENCE = 360
/** ipvsadm.c: MAX_TIMEOUT, 31 days in seconds. */
const LONGEST_PERSISTENCE = 86_400 * 31

export function schedulerOf(word: string, column: number): string {
  if (SCHEDULERS.includes(word)) return word
  throw new BadLine(column, `unknown scheduler ${word.slice(0, 40)}${didYouMean(word, SCHEDULERS)}`)
}

export function methodOf(word: string, column: number): ForwardingMethod {
  const method = METHODS.find(m => m === word)
  if (method) return method
  throw new BadLine(
    column,
    METHODS.some(m => m.startsWith(word))
      ? `the forwarding method ends too early (${word}): is the line cut?`
      : `unknown forwarding method ${word.slice(0, 40)}; ipvsadm prints ${METHODS.join(', ')}`,
  )
}

/** A whole number between bounds. */
export function numberOf(
  word: string | undefined,
  what: string,
  column: number,
  most: number,
  least = 0,
): number {
  if (word === undefined) throw new BadLine(column, `${what} is missing: is the line cut?`)
  const n = /^\d{1,10}$/.test(word) ? Number(word) : Number.NaN
  if (n >= least && n <= most) return n
  throw new BadLine(column, `${what} must be a number from ${least} to ${most}, not ${word.slice(0, 40)}`)
}

export const persistenceOf = (word: string | undefined, column: number): number =>
  numberOf(word, 'the persistence timeout', column, LONGEST_PERSISTENCE, 1)

/** A netmask (IPv4) or prefix length (IPv6) that makes clients one. */
export function granularityOf(word: string | undefined, ipv6: boolean, column: number): string {
  if (word !== undefined && (ipv6 ? /^\d{1,3}$/.test(word) && Number(word) <= 128 : isNetmask(word)))
    return word
  const wanted = ipv6 ? 'a prefix length up to 128' : 'a netmask such as 255.255.255.0'
  throw new BadLine(column, `the persistence mask must be ${wanted}`)
}

const isNetmask = (word: string): boolean => !word.includes(':') && parseIp(word) !== undefined

export function endpointOf(endpoint: Endpoint, column: number): { address: Ip; port: number } {
  const address = parseIp(endpoint.host)
  if (address === undefined) throw new BadLine(column, `${endpoint.host.slice(0, 60)} is no IP address`)
  return { address, port: numberOf(endpoint.port, 'the port', column, 65535) }
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`, and an address alone (port 0), as -Sn prints them. */
export function endpointWord(word: string | undefined, column: number): { address: Ip; port: number } {
  const found = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(word ?? '')
  const host = found?.[1] ?? found?.[2]
  const sameBrackets = (found?.[1] !== undefined) === (host?.includes(':') ?? false)
  if (host === undefined || !sameBrackets)
    throw new BadLine(
      column,
      'expected an address and port in numbers (10.0.0.1:80, [2001:db8::1]:80); was it saved without -n?',
    )
  return endpointOf({ host, port: found?.[3] ?? '0' }, column)
}

/** A mark as a signed or unsigned number of 32 bits, never 0: ip_vs_ctl.c asks for one. */
export function markOf(word: string | undefined, column: number): number {
  const n = /^-?\d{1,10}$/.test(word ?? '') ? Number(word) : Number.NaN
  if (n >= -(2 ** 31) && n < 2 ** 32 && n !== 0) return n >>> 0
  throw new BadLine(
    column,
    `a firewall mark must be a 32-bit number other than 0, not ${(word ?? 'nothing').slice(0, 40)}`,
  )
}

export const isIpv6 = (id: ServiceId): boolean =>
  id.kind === 'fwmark' ? id.ipv6 : familyOf(id.address) === 'ipv6'

/** A service as people name it. */
export function serviceName(id: ServiceId): string {
  if (id.kind === 'fwmark') return `FWM ${id.mark}${id.ipv6 ? ' IPv6' : ''}`
  return `${id.proto} ${endpointText(id.address, id.port)}`
}

export const endpointText = (address: Ip, port: number): string =>
  familyOf(address) === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`
