import { network } from '../addresses.js'
import { defineMatch } from '../extension.js'
import { uint16, uint8 } from '../values.js'

const negatable = { negatable: true } as const
const sid = (flagName: string) => network(flagName, { negatable: true, full: 'show', keepHost: true })

export const srh = defineMatch({
  name: 'srh',
  summary: 'the segment routing header of an IPv6 packet',
  doc: 'Simulated packets carry no such header, so they do not fit, with or without `!`.',
  kernel: 'net/ipv6/netfilter/ip6t_srh.c srh1_mt6()',
  family: 'ipv6',
  options: {
    nextHeader: uint8('--srh-next-hdr', negatable),
    lenEq: uint8('--srh-hdr-len-eq', negatable),
    lenGt: uint8('--srh-hdr-len-gt', negatable),
    lenLt: uint8('--srh-hdr-len-lt', negatable),
    segsEq: uint8('--srh-segs-left-eq', negatable),
    segsGt: uint8('--srh-segs-left-gt', negatable),
    segsLt: uint8('--srh-segs-left-lt', negatable),
    lastEq: uint8('--srh-last-entry-eq', negatable),
    lastGt: uint8('--srh-last-entry-gt', negatable),
    lastLt: uint8('--srh-last-entry-lt', negatable),
    tag: uint16('--srh-tag', negatable),
    previous: sid('--srh-psid'),
    next: sid('--srh-nsid'),
    last: sid('--srh-lsid'),
  },
  match: () => false,
  because: () => 'it has no segment routing header',
})
