/** enum nf_ip_hook_priorities (include/uapi/linux/netfilter_ipv4.h); IPv6 has the same numbers. Smaller runs first. */
export const NF_IP_PRI = {
  CONNTRACK_DEFRAG: -400,
  RAW: -300,
  CONNTRACK: -200,
  MANGLE: -150,
  NAT_DST: -100,
  FILTER: 0,
  SECURITY: 50,
  NAT_SRC: 100,
  CONNTRACK_CONFIRM: 0x7fffffff,
} as const

/** ip_vs_ops4[] (net/netfilter/ipvs/ip_vs_core.c): relative to nat, so that IPVS in INPUT runs just before it. */
export const IPVS_PRI = {
  LOCAL_IN_REPLY: NF_IP_PRI.NAT_SRC - 2,
  LOCAL_IN_REQUEST: NF_IP_PRI.NAT_SRC - 1,
  LOCAL_OUT_REPLY: NF_IP_PRI.NAT_DST + 1,
  LOCAL_OUT_REQUEST: NF_IP_PRI.NAT_DST + 2,
  FORWARD_ICMP: 99,
  FORWARD_REPLY: 100,
} as const

export const TABLE_PRIORITY: Readonly<Record<string, number>> = {
  raw: NF_IP_PRI.RAW,
  mangle: NF_IP_PRI.MANGLE,
  filter: NF_IP_PRI.FILTER,
  security: NF_IP_PRI.SECURITY,
}
