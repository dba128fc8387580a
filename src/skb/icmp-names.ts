import type { Family } from '../values/ip.js'

/** RFC 792 and its followers: names of types, and of codes where they tell more. Keys are `type` or `type/code`. */
const V4 = new Map([
  ['0', 'echo-reply'],
  ['3', 'destination-unreachable'],
  ['3/0', 'net-unreachable'],
  ['3/1', 'host-unreachable'],
  ['3/2', 'protocol-unreachable'],
  ['3/3', 'port-unreachable'],
  ['3/4', 'fragmentation-needed'],
  ['3/5', 'source-route-failed'],
  ['3/6', 'net-unknown'],
  ['3/7', 'host-unknown'],
  ['3/9', 'net-prohibited'],
  ['3/10', 'host-prohibited'],
  ['3/13', 'admin-prohibited'],
  ['4', 'source-quench'],
  ['5', 'redirect'],
  ['5/0', 'net-redirect'],
  ['5/1', 'host-redirect'],
  ['8', 'echo-request'],
  ['9', 'router-advertisement'],
  ['10', 'router-solicitation'],
  ['11', 'time-exceeded'],
  ['11/0', 'ttl-exceeded'],
  ['11/1', 'reassembly-time-exceeded'],
  ['12', 'parameter-problem'],
  ['13', 'timestamp-request'],
  ['14', 'timestamp-reply'],
  ['17', 'address-mask-request'],
  ['18', 'address-mask-reply'],
])

/** RFC 4443, 4861. */
const V6 = new Map([
  ['1', 'destination-unreachable'],
  ['1/0', 'no-route'],
  ['1/1', 'adm-prohibited'],
  ['1/2', 'beyond-scope'],
  ['1/3', 'addr-unreachable'],
  ['1/4', 'port-unreachable'],
  ['1/5', 'policy-fail'],
  ['1/6', 'reject-route'],
  ['2', 'packet-too-big'],
  ['3', 'time-exceeded'],
  ['3/0', 'hop-limit-exceeded'],
  ['3/1', 'reassembly-time-exceeded'],
  ['4', 'parameter-problem'],
  ['128', 'echo-request'],
  ['129', 'echo-reply'],
  ['130', 'listener-query'],
  ['131', 'listener-report'],
  ['133', 'router-solicitation'],
  ['134', 'router-advertisement'],
  ['135', 'neighbour-solicitation'],
  ['136', 'neighbour-advertisement'],
  ['137', 'redirect'],
])

/** `port-unreachable`; digits where the pair has no name. */
export function icmpName(family: Family, type: number, code: number): string {
  const names = family === 'ipv4' ? V4 : V6
  const exact = names.get(`${type}/${code}`)
  if (exact !== undefined) return exact
  const general = names.get(String(type))
  if (general === undefined) return `type ${type} code ${code}`
  return code === 0 ? general : `${general} code ${code}`
}

/** Does it quote another packet? Errors do (below 128 in ICMPv6), and so do redirects, which conntrack takes for none in IPv6. */
export const quotesPacket = (family: Family, type: number): boolean =>
  family === 'ipv4' ? [3, 4, 5, 11, 12].includes(type) : type < 128 || type === 137
