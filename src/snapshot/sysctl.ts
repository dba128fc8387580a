import { record } from '../values/record.js'
import type { Netns } from '../model/snapshot.js'

/** Values of a freshly booted kernel (ip-sysctl.rst, nf_conntrack-sysctl.rst, ipvs-sysctl.rst), for keys that the walk asks. */
const DEFAULTS = record<string>(
  Object.entries({
    'net.ipv4.ip_forward': '0',
    'net.ipv4.ip_default_ttl': '64',
    'net.ipv4.ip_nonlocal_bind': '0',
    'net.ipv4.ip_local_port_range': '32768 60999',
    'net.ipv4.ip_local_reserved_ports': '',
    'net.ipv4.ip_unprivileged_port_start': '1024',
    'net.ipv4.fwmark_reflect': '0',
    'net.ipv4.tcp_fwmark_accept': '0',
    'net.ipv4.icmp_echo_ignore_all': '0',
    'net.ipv4.icmp_echo_ignore_broadcasts': '1',
    'net.ipv4.icmp_errors_use_inbound_ifaddr': '0',
    'net.ipv4.icmp_ratelimit': '1000',
    'net.ipv4.icmp_ratemask': '6168',
    'net.ipv4.fib_multipath_hash_policy': '0',
    'net.ipv4.fib_multipath_use_neigh': '0',
    'net.ipv4.tcp_syn_retries': '6',
    'net.ipv4.tcp_synack_retries': '5',
    'net.ipv4.tcp_syncookies': '1',
    'net.ipv6.bindv6only': '0',
    'net.ipv6.fib_multipath_hash_policy': '0',
    'net.ipv6.fwmark_reflect': '0',
    'net.ipv6.ip_nonlocal_bind': '0',
    'net.ipv6.icmp.echo_ignore_all': '0',
    'net.ipv6.icmp.ratelimit': '1000',
    'net.netfilter.nf_conntrack_max': '262144',
    'net.netfilter.nf_conntrack_count': '0',
    'net.netfilter.nf_conntrack_checksum': '1',
    'net.netfilter.nf_conntrack_acct': '0',
    'net.netfilter.nf_conntrack_helper': '0',
    'net.netfilter.nf_conntrack_log_invalid': '0',
    'net.netfilter.nf_conntrack_generic_timeout': '600',
    'net.netfilter.nf_conntrack_icmp_timeout': '30',
    'net.netfilter.nf_conntrack_icmpv6_timeout': '30',
    'net.netfilter.nf_conntrack_tcp_be_liberal': '0',
    'net.netfilter.nf_conntrack_tcp_loose': '1',
    'net.netfilter.nf_conntrack_tcp_ignore_invalid_rst': '0',
    'net.netfilter.nf_conntrack_tcp_max_retrans': '3',
    'net.netfilter.nf_conntrack_tcp_timeout_syn_sent': '120',
    'net.netfilter.nf_conntrack_tcp_timeout_syn_recv': '60',
    'net.netfilter.nf_conntrack_tcp_timeout_established': '432000',
    'net.netfilter.nf_conntrack_tcp_timeout_fin_wait': '120',
    'net.netfilter.nf_conntrack_tcp_timeout_close_wait': '60',
    'net.netfilter.nf_conntrack_tcp_timeout_last_ack': '30',
    'net.netfilter.nf_conntrack_tcp_timeout_time_wait': '120',
    'net.netfilter.nf_conntrack_tcp_timeout_close': '10',
    'net.netfilter.nf_conntrack_tcp_timeout_max_retrans': '300',
    'net.netfilter.nf_conntrack_tcp_timeout_unacknowledged': '300',
    'net.netfilter.nf_conntrack_udp_timeout': '30',
    'net.netfilter.nf_conntrack_udp_timeout_stream': '120',
    'net.netfilter.nf_conntrack_gre_timeout': '30',
    'net.netfilter.nf_conntrack_gre_timeout_stream': '180',
    'net.netfilter.nf_conntrack_sctp_timeout_closed': '10',
    'net.netfilter.nf_conntrack_sctp_timeout_cookie_wait': '3',
    'net.netfilter.nf_conntrack_sctp_timeout_cookie_echoed': '3',
    'net.netfilter.nf_conntrack_sctp_timeout_established': '210',
    'net.ipv4.vs.conntrack': '0',
    'net.ipv4.vs.conn_reuse_mode': '1',
    'net.ipv4.vs.expire_nodest_conn': '0',
    'net.ipv4.vs.expire_quiescent_template': '0',
    'net.ipv4.vs.nat_icmp_send': '0',
    'net.ipv4.vs.schedule_icmp': '0',
    'net.ipv4.vs.sloppy_tcp': '0',
    'net.ipv4.vs.sloppy_sctp': '0',
    'net.ipv4.vs.snat_reroute': '1',
    'net.ipv4.vs.ignore_tunneled': '0',
    'net.ipv4.vs.pmtu_disc': '1',
  }),
)

/** Keys of a device's own, by their last word: ipv4_devconf and ipv6_devconf as the kernel is built. */
const DEVICE_DEFAULTS: Readonly<Record<'ipv4' | 'ipv6', Record<string, string>>> = {
  ipv4: record<string>(
    Object.entries({
      accept_local: '0',
      accept_redirects: '1',
      accept_source_route: '0',
      arp_announce: '0',
      arp_filter: '0',
      arp_ignore: '0',
      bc_forwarding: '0',
      disable_policy: '0',
      drop_gratuitous_arp: '0',
      drop_unicast_in_l2_multicast: '0',
      ignore_routes_with_linkdown: '0',
      log_martians: '0',
      proxy_arp: '0',
      proxy_arp_pvlan: '0',
      route_localnet: '0',
      rp_filter: '0',
      secure_redirects: '1',
      send_redirects: '1',
      shared_media: '1',
      src_valid_mark: '0',
    }),
  ),
  ipv6: record<string>(
    Object.entries({
      accept_ra: '1',
      accept_redirects: '1',
      accept_source_route: '0',
      autoconf: '1',
      disable_ipv6: '0',
      ignore_routes_with_linkdown: '0',
      proxy_ndp: '0',
    }),
  ),
}

/**
 * The value of a sysctl in a namespace: as dumped, else as supposed for it (see its assumptions), else the kernel's
 * own default. Undefined: no such key, or one of a module that is not loaded (`net.bridge.*` without br_netfilter).
 * `all` and the device's own value are not combined here: which of them counts differs from key to key.
 */
export function sysctlOf(netns: Pick<Netns, 'sysctl' | 'sysctlAssumed'>, key: string): string | undefined {
  return told(netns, key) ?? byDevice(netns, key) ?? DEFAULTS[key]
}

/** As `sysctlOf`, as a whole number; undefined where there is none. */
export function sysctlNumber(
  netns: Pick<Netns, 'sysctl' | 'sysctlAssumed'>,
  key: string,
): number | undefined {
  const value = sysctlOf(netns, key)
  return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : undefined
}

function told({ sysctl, sysctlAssumed }: Pick<Netns, 'sysctl' | 'sysctlAssumed'>, key: string) {
  if (Object.hasOwn(sysctl, key)) return sysctl[key]
  return sysctlAssumed && Object.hasOwn(sysctlAssumed, key) ? sysctlAssumed[key] : undefined
}

/** `net.ipv4.conf.DEV.KEY`. sysctl(8) writes a dot in a device's name as `/`; a device not listed has the `default` values. */
function byDevice(netns: Pick<Netns, 'sysctl' | 'sysctlAssumed'>, key: string): string | undefined {
  const parts = /^net\.(ipv4|ipv6)\.conf\.(.+)\.([^.]+)$/.exec(key)
  if (!parts) return undefined
  const [, family, dev, name] = parts as unknown as [string, 'ipv4' | 'ipv6', string, string]
  const conf = (device: string) => told(netns, `net.${family}.conf.${device}.${name}`)
  const written = conf(dev.replaceAll('.', '/'))
  if (written !== undefined) return written
  if (name === 'forwarding') {
    // devinet_sysctl_forward(), addrconf_sysctl_forward(): one switch sets them all, and `default` with them
    const all = family === 'ipv4' ? (told(netns, 'net.ipv4.ip_forward') ?? conf('all')) : conf('all')
    return all ?? '0'
  }
  const built = DEVICE_DEFAULTS[family][name]
  if (dev === 'all') return built
  return conf('default') ?? built
}
