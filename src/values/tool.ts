import type { Family } from './ip.js'

/** The tool that shows and changes the tables of a family; sysctls go by its name, too. */
export const toolOf = (family: Family): 'iptables' | 'ip6tables' =>
  family === 'ipv6' ? 'ip6tables' : 'iptables'

/** Whether the tables of a family see what a bridge forwards. */
export const bridgeNfKey = (family: Family): string => `net.bridge.bridge-nf-call-${toolOf(family)}`
