import type { TcpState } from './entry.js'

/** Seconds, nf_conntrack_proto_tcp.c tcp_timeouts[] and its siblings; each is a sysctl below net.netfilter. */
export const TCP_TIMEOUTS: Readonly<
  Record<Exclude<TcpState, 'NONE'>, readonly [key: string, seconds: number]>
> = {
  SYN_SENT: ['nf_conntrack_tcp_timeout_syn_sent', 120],
  SYN_RECV: ['nf_conntrack_tcp_timeout_syn_recv', 60],
  ESTABLISHED: ['nf_conntrack_tcp_timeout_established', 432000],
  FIN_WAIT: ['nf_conntrack_tcp_timeout_fin_wait', 120],
  CLOSE_WAIT: ['nf_conntrack_tcp_timeout_close_wait', 60],
  LAST_ACK: ['nf_conntrack_tcp_timeout_last_ack', 30],
  TIME_WAIT: ['nf_conntrack_tcp_timeout_time_wait', 120],
  CLOSE: ['nf_conntrack_tcp_timeout_close', 10],
  SYN_SENT2: ['nf_conntrack_tcp_timeout_syn_sent', 120],
}
export const UDP_TIMEOUT = ['nf_conntrack_udp_timeout', 30] as const
export const UDP_STREAM_TIMEOUT = ['nf_conntrack_udp_timeout_stream', 120] as const
export const ICMP_TIMEOUT = ['nf_conntrack_icmp_timeout', 30] as const
export const ICMPV6_TIMEOUT = ['nf_conntrack_icmpv6_timeout', 30] as const
/** Most that a connection gets whose last data nobody has acknowledged. */
export const TCP_UNACKNOWLEDGED_TIMEOUT = ['nf_conntrack_tcp_timeout_unacknowledged', 300] as const
export const GRE_TIMEOUT = ['nf_conntrack_gre_timeout', 30] as const
export const GRE_STREAM_TIMEOUT = ['nf_conntrack_gre_timeout_stream', 180] as const
export const GENERIC_TIMEOUT = ['nf_conntrack_generic_timeout', 600] as const
