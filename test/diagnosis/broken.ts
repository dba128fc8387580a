import { sixWorld } from '../worlds/six.js'
import {
  after,
  before,
  edit,
  type Files,
  ipvsWorld,
  kubeWorld,
  sepChain,
  svcChain,
  swap,
  without,
} from './worlds.js'

/** A world with one cause, and what must be said of it. */
export interface Broken {
  readonly name: string
  readonly base: () => Files
  readonly change: (files: Files) => void
  readonly flow: readonly [src: string, dst: string, proto?: 'tcp' | 'udp' | 'icmp']
  readonly id: string
  /** File, and words of the line; without words the file alone is named. */
  readonly where?: readonly [file: string, words?: string]
  /** False: no edit that nfsim knows can mend it. */
  readonly cured?: boolean
}

const RULES = 'n1/iptables-save.txt'
const web = svcChain('default/web:http')
const selfSep = sepChain('default/self:http', '10.244.1.2:8080')

const kube = (
  name: string,
  flow: Broken['flow'],
  id: string,
  where: Broken['where'],
  change: (files: Files) => void,
  cured = true,
): Broken => ({ name, base: kubeWorld, change, flow, id, ...(where ? { where } : {}), cured })
const ipvs = (...args: Parameters<typeof kube>): Broken => ({ ...kube(...args), base: ipvsWorld })

/** The node's rules of IPv6, or what its devices lack. */
const six = (
  name: string,
  flow: Broken['flow'],
  id: string,
  where: Broken['where'],
  made: Parameters<typeof sixWorld>[0],
): Broken => ({ name, base: () => sixWorld(made), change: () => {}, flow, id, ...(where ? { where } : {}) })
const filter6 = (input: string, ...rules: string[]): string =>
  `*filter\n:INPUT ${input} [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules.map(r => `-A ${r}\n`).join('')}COMMIT\n`
const RULES6 = 'node/ip6tables-save.txt'

const nfOff = (f: Files) => swap(f, 'n1/sysctl.txt', 'call-iptables = 1', 'call-iptables = 0')
const raw = (f: Files, rule: string) =>
  edit(f, RULES, text => text.replace(/(\*raw\n.*\n.*\n)/, `$1${rule}\n`))
const noBrNf = (f: Files) => {
  edit(f, 'n1/sysctl.txt', text => text.replace(/^net\.bridge.*\n/gm, ''))
  without(f, 'n1/lsmod.txt', 'br_netfilter')
}

export const BROKEN: readonly Broken[] = [
  kube(
    'bridge-nf is 0',
    ['client', '10.96.0.10:80'],
    'reply-bypasses-conntrack',
    ['n1/sysctl.txt', 'bridge-nf-call-iptables'],
    nfOff,
  ),
  kube(
    'br_netfilter is not loaded',
    ['client', '10.96.0.10:80'],
    'reply-bypasses-conntrack',
    ['n1/sysctl.txt'],
    noBrNf,
  ),
  ipvs(
    'IPVS, bridge-nf is 0',
    ['client', '10.96.0.10:80'],
    'reply-bypasses-conntrack',
    ['n1/sysctl.txt', 'bridge-nf-call-iptables'],
    nfOff,
  ),
  ipvs(
    'IPVS, br_netfilter is not loaded',
    ['client', '10.96.0.10:80'],
    'reply-bypasses-conntrack',
    ['n1/sysctl.txt'],
    noBrNf,
  ),
  kube(
    'hairpin is off',
    ['client', '10.96.0.30:80'],
    'hairpin-off',
    ['n1/bridge-link.txt', 'vethclient'],
    f => edit(f, 'n1/bridge-link.txt', text => text.replace('hairpin on', 'hairpin off')),
  ),
  ipvs(
    'IPVS, hairpin is off',
    ['client', '10.96.0.30:80'],
    'hairpin-off',
    ['n1/bridge-link.txt', 'vethclient'],
    f => edit(f, 'n1/bridge-link.txt', text => text.replace('hairpin on', 'hairpin off')),
  ),
  kube(
    'the rule that marks hairpin traffic is gone',
    ['client', '10.96.0.30:80'],
    'no-masquerade-hairpin',
    [RULES, '--to-destination 10.244.1.2:8080'],
    f => without(f, RULES, `-A ${selfSep} -s`),
  ),
  kube(
    'the mark is overwritten',
    ['ext', '192.168.50.10:30080'],
    'mark-overwritten',
    [RULES, '-A FORWARD -j MARK'],
    f => {
      after(f, RULES, ':KUBE-IPTABLES-HINT', '-A FORWARD -j MARK --set-xmark 0x1/0xffffffff')
      without(f, RULES, '! -s 10.244.0.0/16 -d 10.244.0.0/16')
    },
  ),
  kube(
    'an ACCEPT in POSTROUTING stands before the masquerade',
    ['ext', '192.168.50.10:30080'],
    'masquerade-after-accept',
    [RULES, '-A POSTROUTING -s 192.168.50.0/24 -j ACCEPT'],
    f =>
      before(
        f,
        RULES,
        '-A POSTROUTING -m comment --comment "kubernetes postrouting',
        '-A POSTROUTING -s 192.168.50.0/24 -j ACCEPT',
      ),
  ),
  kube(
    'a NodePort is not masqueraded',
    ['ext', '192.168.50.10:30080'],
    'no-masquerade',
    [RULES, '--to-destination 10.244.2.2:8080'],
    f => {
      without(f, RULES, '--comment "masquerade traffic for default/far:http external')
      edit(f, RULES, text =>
        text.replace(
          `-A ${svcChain('default/far:http')} ! -s 10.244.0.0/16 -d 10.96.0.20/32`,
          `-A ${svcChain('default/far:http')} -s 172.30.0.0/16 -d 10.96.0.20/32`,
        ),
      )
      without(f, RULES, '! -s 10.244.0.0/16 -d 10.244.0.0/16')
    },
  ),
  ipvs(
    'Service addresses inside the cluster CIDR',
    ['n1', '10.96.0.20:80'],
    'masquerade-skipped',
    [RULES, '-A KUBE-SERVICES ! -s 10.0.0.0/8'],
    f => {
      for (const node of ['n1', 'n2']) {
        swap(
          f,
          `${node}/iptables-save.txt`,
          '-A KUBE-SERVICES ! -s 10.244.0.0/16',
          '-A KUBE-SERVICES ! -s 10.0.0.0/8',
        )
        without(f, `${node}/iptables-save.txt`, '! -s 10.244.0.0/16 -d 10.244.0.0/16')
      }
    },
  ),
  ipvs(
    'IPVS without conntrack: a NodePort is not masqueraded',
    ['ext', '192.168.50.10:30080'],
    'ipvs-conntrack-off',
    ['n1/sysctl.txt', 'vs.conntrack'],
    f => swap(f, 'n1/sysctl.txt', 'vs.conntrack = 1', 'vs.conntrack = 0'),
  ),
  ipvs(
    'IPVS without conntrack: answers are INVALID',
    ['client', '10.96.0.20:80'],
    'ipvs-conntrack-off',
    ['n1/sysctl.txt', 'vs.conntrack'],
    f => swap(f, 'n1/sysctl.txt', 'vs.conntrack = 1', 'vs.conntrack = 0'),
  ),
  ipvs(
    'a Service address is not on kube-ipvs0',
    ['client', '10.96.0.20:80'],
    'ipvs-address-missing',
    ['n1/ip-addr.txt'],
    f => {
      edit(f, 'n1/ip-addr.txt', text => text.replace(/ {4}inet 10\.96\.0\.20\/32.*\n.*\n/, ''))
      without(f, 'n1/ip-route.txt', 'local 10.96.0.20')
    },
  ),
  ipvs(
    'all real servers have weight 0',
    ['client', '10.96.0.10:80'],
    'service-without-endpoints',
    ['n1/ipvsadm.txt', '10.96.0.10:80'],
    f =>
      swap(
        f,
        'n1/ipvsadm.txt',
        '10.244.1.3:8080              Masq    1',
        '10.244.1.3:8080              Masq    0',
      ),
  ),
  ipvs(
    'an IPVS service without real servers',
    ['client', '10.96.0.40:80'],
    'service-without-endpoints',
    ['n1/ipvsadm.txt', '10.96.0.40:80'],
    () => {},
    false,
  ),
  ipvs(
    'a left-over REJECT',
    ['client', '10.96.0.10:80'],
    'left-over-reject',
    [RULES, 'default/web:http has no endpoints'],
    f => {
      after(
        f,
        RULES,
        '-A INPUT -j KUBE-FIREWALL',
        '-A INPUT -d 10.96.0.10/32 -p tcp -m comment --comment "default/web:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
      )
    },
  ),
  ipvs(
    'a real server is gone',
    ['client', '10.96.0.10:80'],
    'stale-endpoint',
    ['n1/ipvsadm.txt', '10.244.1.77'],
    f =>
      swap(
        f,
        'n1/ipvsadm.txt',
        '10.96.0.10:80 rr\n',
        '10.96.0.10:80 rr\n  -> 10.244.1.77:8080             Masq    1      0          0         \n',
      ),
  ),
  ipvs(
    'INPUT drops NodePorts',
    ['ext', '192.168.50.10:30080'],
    'input-blocks-nodeport',
    [RULES, '--dport 30000:32767 -j DROP'],
    f =>
      before(
        f,
        RULES,
        '-A INPUT -j KUBE-FIREWALL',
        '-A INPUT -i eth0 -p tcp -m tcp --dport 30000:32767 -j DROP',
      ),
  ),
  kube(
    'a Service without endpoints',
    ['client', '10.96.0.40:80'],
    'service-without-endpoints',
    [RULES, 'default/empty:http has no endpoints'],
    () => {},
    false,
  ),
  kube(
    'an endpoint is gone',
    ['client', '10.96.0.50:80'],
    'stale-endpoint',
    [RULES, '--to-destination 10.244.1.9:8080'],
    () => {},
  ),
  kube(
    'FORWARD policy DROP and nothing accepts pods',
    ['client', '192.168.50.20:80'],
    'forward-policy-drop',
    [RULES, ':FORWARD DROP'],
    f => {
      without(f, RULES, '"flanneld forward" -j FLANNEL-FWD')
    },
  ),
  kube(
    'a stray DROP in DOCKER-USER',
    ['client', '10.96.0.20:80'],
    'rule-drops',
    [RULES, '-A DOCKER-USER -p tcp'],
    f => before(f, RULES, '-A DOCKER-USER -j RETURN', '-A DOCKER-USER -p tcp -m tcp --dport 8080 -j DROP'),
  ),
  kube(
    'a REJECT for one pod',
    ['client', '192.168.50.20:80'],
    'rule-drops',
    [RULES, '-A FORWARD -s 10.244.1.2/32'],
    f =>
      before(
        f,
        RULES,
        '-A FORWARD -j DOCKER-USER',
        '-A FORWARD -s 10.244.1.2/32 -d 192.168.50.0/24 -j REJECT --reject-with icmp-admin-prohibited',
      ),
  ),
  kube(
    'answers are dropped',
    ['client', '192.168.50.20:80'],
    'reply-dropped',
    [RULES, '-A FORWARD -i eth0 -p tcp -m tcp --sport 80'],
    f => before(f, RULES, '-A FORWARD -j DOCKER-USER', '-A FORWARD -i eth0 -p tcp -m tcp --sport 80 -j DROP'),
  ),
  kube(
    'INPUT drops a port of the host',
    ['client', '192.168.50.10:2483'],
    'rule-drops',
    [RULES, '--dport 2483 -j DROP'],
    f =>
      before(
        f,
        RULES,
        '-A INPUT -j KUBE-FIREWALL',
        '-A INPUT -s 10.244.0.0/16 -p tcp -m tcp --dport 2483 -j DROP',
      ),
  ),
  kube('INPUT policy DROP', ['ext', '192.168.50.10:2483'], 'input-policy-drop', [RULES, ':INPUT DROP'], f =>
    swap(f, RULES, '*filter\n:INPUT ACCEPT', '*filter\n:INPUT DROP'),
  ),
  kube('OUTPUT policy DROP', ['n1', '192.168.50.20:80'], 'output-policy-drop', [RULES, ':OUTPUT DROP'], f =>
    edit(f, RULES, text => text.replace(/(\*filter[^*]*?):OUTPUT ACCEPT/, '$1:OUTPUT DROP')),
  ),
  kube(
    'the other node drops VXLAN',
    ['client', 'far:8080'],
    'tunnel-blocked',
    ['n2/iptables-save.txt', '--dport 8472 -j DROP'],
    f =>
      before(
        f,
        'n2/iptables-save.txt',
        '-A INPUT -j KUBE-FIREWALL',
        '-A INPUT -p udp -m udp --dport 8472 -j DROP',
      ),
  ),
  kube(
    'this node drops VXLAN answers',
    ['client', '10.96.0.20:80'],
    'tunnel-blocked',
    [RULES, '--dport 8472 -j DROP'],
    f => before(f, RULES, '-A INPUT -j KUBE-FIREWALL', '-A INPUT -p udp -m udp --dport 8472 -j DROP'),
  ),
  kube(
    'source ranges leave the client out',
    ['ext', '10.96.0.10:80'],
    'source-not-in-ranges',
    [RULES, '-A KUBE-FW-AAAAAAAAAAAAAAAA'],
    f => {
      edit(f, RULES, text =>
        text.replace(':KUBE-SERVICES - [0:0]', ':KUBE-SERVICES - [0:0]\n:KUBE-FW-AAAAAAAAAAAAAAAA - [0:0]'),
      )
      after(
        f,
        RULES,
        '-A KUBE-FIREWALL !',
        '-A KUBE-FW-AAAAAAAAAAAAAAAA -s 203.0.113.0/24 -m comment --comment "default/web:http" -j RETURN\n-A KUBE-FW-AAAAAAAAAAAAAAAA -m comment --comment "other traffic to default/web:http will be dropped by KUBE-PROXY-FIREWALL" -j DROP\n-A KUBE-PROXY-FIREWALL -d 10.244.1.3/32 -p tcp -m tcp --dport 8080 -j KUBE-FW-AAAAAAAAAAAAAAAA',
      )
      edit(f, RULES, text =>
        text
          .replace(
            '-A KUBE-FW-AAAAAAAAAAAAAAAA -s 203.0.113.0/24 -m comment --comment "default/web:http" -j RETURN\n',
            '',
          )
          .replace('-A KUBE-FW-AAAAAAAAAAAAAAAA -m comment', '-A KUBE-FW-AAAAAAAAAAAAAAAA -m comment'),
      )
      f.set('ext/ip-route.txt', `10.96.0.0/16 via 192.168.50.10 dev eth0\n${f.get('ext/ip-route.txt')}`)
    },
  ),
  kube(
    'externalTrafficPolicy Local and no local endpoint',
    ['ext', '192.168.50.10:30080'],
    'no-local-endpoint',
    [RULES, 'has no local endpoints'],
    f =>
      after(
        f,
        RULES,
        '-A KUBE-FIREWALL !',
        '-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/far:http has no local endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30080 -j DROP'.replace(
          '-m addrtype --dst-type LOCAL ',
          '',
        ),
      ) ?? edit(f, RULES, text => text.replace(/-A KUBE-NODEPORTS .*--dport 30080 .*\n/, '')),
    false,
  ),
  kube(
    'an old conntrack entry',
    ['client', '10.96.0.10:80'],
    'stale-conntrack-entry',
    ['n1/conntrack.txt', 'src=10.244.1.77'],
    f =>
      f.set(
        'n1/conntrack.txt',
        'tcp      6 300 ESTABLISHED src=10.1.1.1 dst=10.1.1.2 sport=1 dport=2 src=10.1.1.2 dst=10.1.1.1 sport=2 dport=1 [ASSURED] mark=0 use=1\ntcp      6 110 SYN_SENT src=10.244.1.2 dst=10.96.0.10 sport=41000 dport=80 [UNREPLIED] src=10.244.1.77 dst=10.244.1.2 sport=8080 dport=41000 mark=0 use=1\n',
      ),
  ),
  kube(
    'the server listens on loopback only',
    ['client', 'web:8080'],
    'listener-on-loopback',
    ['n1/netns/web/ss.txt', '127.0.0.1:8080'],
    f => swap(f, 'n1/netns/web/ss.txt', '0.0.0.0:8080', '127.0.0.1:8080'),
  ),
  kube(
    'behind a Service the server listens on loopback only',
    ['client', '10.96.0.10:80'],
    'listener-on-loopback',
    ['n1/netns/web/ss.txt', '127.0.0.1:8080'],
    f => swap(f, 'n1/netns/web/ss.txt', '0.0.0.0:8080', '127.0.0.1:8080'),
  ),
  kube('nobody listens', ['client', 'web:9999'], 'nobody-listens', ['n1/netns/web/ss.txt'], () => {}),
  kube(
    'a wrong target port',
    ['client', '10.96.0.10:80'],
    'wrong-target-port',
    [RULES, '--to-destination 10.244.1.3:8090'],
    f => swap(f, RULES, '--to-destination 10.244.1.3:8080', '--to-destination 10.244.1.3:8090'),
  ),
  ipvs(
    'IPVS, a wrong target port',
    ['client', '10.96.0.10:80'],
    'wrong-target-port',
    ['n1/netns/web/ss.txt'],
    f => swap(f, 'n1/ipvsadm.txt', '10.244.1.3:8080', '10.244.1.3:8090'),
  ),
  kube(
    'rp_filter and two ways',
    ['n2', '10.244.1.2:8080'],
    'rp-filter-asymmetry',
    ['n1/sysctl.txt', 'conf.all.rp_filter'],
    f => {
      swap(f, 'n1/sysctl.txt', 'conf.all.rp_filter = 0', 'conf.all.rp_filter = 1')
      swap(f, 'n2/ip-route.txt', 'flannel.1 onlink', 'flannel.1 src 192.168.50.11 onlink')
      without(f, 'n2/iptables-save.txt', '! -s 10.244.0.0/16 -d 10.244.0.0/16')
    },
  ),
  kube(
    'ip_forward is 0',
    ['client', '192.168.50.20:80'],
    'ip-forward-off',
    ['n1/sysctl.txt', 'ip_forward'],
    f => swap(f, 'n1/sysctl.txt', 'ip_forward = 1', 'ip_forward = 0'),
  ),
  kube(
    'the route to the other node is missing',
    ['client', 'far:8080'],
    'missing-route',
    ['n1/ip-route.txt', 'default via'],
    f => without(f, 'n1/ip-route.txt', '10.244.2.0/24'),
  ),
  kube(
    'an overlapping route',
    ['client', 'far:8080'],
    'overlapping-route',
    ['n1/ip-route.txt', '10.244.2.2 dev cni0'],
    f => edit(f, 'n1/ip-route.txt', text => `10.244.2.2 dev cni0 scope link\n${text}`),
  ),
  kube(
    'a blackhole route',
    ['client', 'far:8080'],
    'blackhole-route',
    ['n1/ip-route.txt', 'blackhole 10.244.2.0/25'],
    f => edit(f, 'n1/ip-route.txt', text => `blackhole 10.244.2.0/25\n${text}`),
  ),
  kube(
    'the client has no route',
    ['client', '192.168.50.20:80'],
    'no-route',
    ['n1/netns/client/ip-route.txt'],
    f => without(f, 'n1/netns/client/ip-route.txt', 'default via'),
  ),
  kube(
    'the server has no way back',
    ['ext', '10.244.1.3:8080'],
    'no-route-back',
    ['n1/netns/web/ip-route.txt'],
    f => {
      without(f, 'n1/netns/web/ip-route.txt', 'default via')
      f.set('ext/ip-route.txt', `10.244.0.0/16 via 192.168.50.10 dev eth0\n${f.get('ext/ip-route.txt')}`)
    },
  ),
  kube(
    'NOTRACK takes a Service out of nat',
    ['client', '10.96.0.10:80'],
    'notrack',
    [RULES, '-j NOTRACK'],
    f => raw(f, '-A PREROUTING -d 10.96.0.0/16 -p tcp -j NOTRACK'),
  ),
  kube(
    'the connection table is full',
    ['client', '10.96.0.20:80'],
    'conntrack-table-full',
    ['n1/sysctl.txt', 'nf_conntrack_max'],
    f => swap(f, 'n1/sysctl.txt', 'nf_conntrack_max = 131072', 'nf_conntrack_max = 12'),
  ),
  kube(
    'loopback nat without route_localnet',
    ['n1', '127.0.0.1:30081'],
    'route-localnet-off',
    ['n1/sysctl.txt', 'route_localnet'],
    () => {},
  ),
  kube(
    'a Service rule in PREROUTING only',
    ['n1', '10.96.0.10:80'],
    'rule-only-in-prerouting',
    [RULES, '-A PREROUTING -m comment --comment "kubernetes service portals"'],
    f => without(f, RULES, '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'),
  ),
  kube(
    'a Service rule in OUTPUT only',
    ['client', '10.96.0.10:80'],
    'rule-only-in-output',
    [RULES, '-A OUTPUT -m comment --comment "kubernetes service portals"'],
    f =>
      without(f, RULES, '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'),
  ),
  kube(
    'kube-proxy wrote no rule',
    ['client', '10.96.3.3:80'],
    'service-not-translated',
    [RULES],
    () => {},
    false,
  ),
  kube(
    'a port that the Service does not have',
    ['client', '10.96.0.10:8080'],
    'no-such-service-port',
    [RULES, `-j ${web}`],
    () => {},
    false,
  ),
  kube(
    'an ACCEPT before the Service rules',
    ['client', '10.96.0.10:80'],
    'rule-shadowed',
    [RULES, '-A PREROUTING -s 10.244.0.0/16 -j ACCEPT'],
    f =>
      before(
        f,
        RULES,
        '-A PREROUTING -m comment --comment "kubernetes service portals"',
        '-A PREROUTING -s 10.244.0.0/16 -j ACCEPT',
      ),
  ),
  kube(
    'a device is down',
    ['client', 'far:8080'],
    'interface-down',
    ['n1/netns/client/ip-addr.txt', '2: eth0'],
    f => swap(f, 'n1/netns/client/ip-addr.txt', '<BROADCAST,MULTICAST,UP,LOWER_UP>', '<BROADCAST,MULTICAST>'),
  ),
  kube('isolated ports', ['client', 'web:8080'], 'port-isolated', ['n1/bridge-link.txt', 'vethclient'], f =>
    edit(f, 'n1/bridge-link.txt', text => text.replaceAll('isolated off', 'isolated on')),
  ),
  kube(
    'SNAT to an address that nobody has',
    ['client', '192.168.50.20:80'],
    'snat-address-unowned',
    [RULES, '--to-source 192.168.50.99'],
    f =>
      before(
        f,
        RULES,
        '-A POSTROUTING -m comment --comment "kubernetes postrouting',
        '-A POSTROUTING -s 10.244.0.0/16 -o eth0 -j SNAT --to-source 192.168.50.99',
      ),
  ),
  kube(
    'an address that nobody has',
    ['client', '192.168.50.77:80'],
    'nobody-has-address',
    ['n1/ip-addr.txt'],
    () => {},
    false,
  ),
  kube(
    'a tunnel without its neighbour entry',
    ['client', 'far:8080'],
    'neighbour-missing',
    ['n1/ip-neigh.txt'],
    f => f.set('n1/ip-neigh.txt', ''),
  ),
  kube(
    'a tunnel without its forwarding entry',
    ['client', 'far:8080'],
    'fdb-entry-missing',
    ['n1/bridge-fdb.txt'],
    f => f.set('n1/bridge-fdb.txt', ''),
  ),
  kube(
    'a forwarding entry of a node that is gone',
    ['client', 'far:8080'],
    'wrong-fdb-entry',
    ['n1/bridge-fdb.txt', '192.168.50.77'],
    f => swap(f, 'n1/bridge-fdb.txt', '192.168.50.11', '192.168.50.77'),
  ),
  kube(
    'a neighbour entry with a wrong address',
    ['n1', 'web:8080'],
    'wrong-mac',
    ['n1/ip-neigh.txt', '10.244.1.3 dev cni0'],
    f =>
      edit(f, 'n1/ip-neigh.txt', text => `${text}10.244.1.3 dev cni0 lladdr 02:00:00:00:01:99 PERMANENT\n`),
  ),
  kube(
    'a typed neighbour entry has the address of another pod',
    ['n1', 'web:8080'],
    'wrong-mac',
    ['n1/ip-neigh.txt', '10.244.1.3 dev cni0'],
    f =>
      edit(f, 'n1/ip-neigh.txt', text => `${text}10.244.1.3 dev cni0 lladdr 02:00:00:00:01:2a PERMANENT\n`),
  ),
  kube(
    'a typed neighbour entry has the address of another node, which forwards',
    ['ext', '192.168.50.10:2483'],
    'wrong-mac',
    ['ext/ip-neigh.txt', '192.168.50.10 dev eth0'],
    f => f.set('ext/ip-neigh.txt', '192.168.50.10 dev eth0 lladdr 02:00:00:00:02:01 PERMANENT\n'),
  ),
  kube(
    'answers go to another machine by a typed neighbour entry',
    ['ext', '192.168.50.10:2483'],
    'wrong-mac',
    ['n1/ip-neigh.txt', '192.168.50.20 dev eth0'],
    f =>
      edit(
        f,
        'n1/ip-neigh.txt',
        text => `${text}192.168.50.20 dev eth0 lladdr 02:00:00:00:02:01 PERMANENT\n`,
      ),
  ),
  kube(
    'a tunnel has a wrong neighbour entry',
    ['client', 'far:8080'],
    'wrong-mac',
    ['n1/ip-neigh.txt', '10.244.2.0 dev flannel.1'],
    f => swap(f, 'n1/ip-neigh.txt', '02:00:00:00:02:03', '02:00:00:00:02:01'),
  ),
  kube(
    'a forwarding entry names a machine without that tunnel',
    ['client', 'far:8080'],
    'wrong-fdb-entry',
    ['n1/bridge-fdb.txt', '192.168.50.20'],
    f => swap(f, 'n1/bridge-fdb.txt', '192.168.50.11', '192.168.50.20'),
  ),
  kube(
    'answers are awaited in a zone that nothing puts them in: they clash with their own connection',
    ['n1', '192.168.50.11:53', 'udp'],
    'answer-in-another-zone',
    [RULES, '-A OUTPUT -p udp -j CT'],
    f => raw(f, '-A OUTPUT -p udp -j CT --zone-reply 1'),
  ),
  kube(
    'a zone for answers: those of TCP come from a port that conntrack has moved',
    ['n1', '192.168.50.20:80'],
    'answer-in-another-zone',
    [RULES, '-A OUTPUT -p tcp -j CT'],
    f => raw(f, '-A OUTPUT -p tcp -j CT --zone-reply 1'),
  ),
  kube(
    'a zone for what comes from pods alone: answers are not translated back',
    ['client', '192.168.50.11:53', 'udp'],
    'answer-in-another-zone',
    [RULES, '-A PREROUTING -i cni0 -j CT'],
    f => raw(f, '-A PREROUTING -i cni0 -j CT --zone 7'),
  ),
  kube(
    'answers alone are taken out of tracking',
    ['client', '192.168.50.20:80'],
    'notrack',
    [RULES, '-A PREROUTING -i eth0 -p tcp'],
    f => raw(f, '-A PREROUTING -i eth0 -p tcp -j NOTRACK'),
  ),
  kube(
    'requests alone are taken out of tracking, and nat meets the answers',
    ['n1', '192.168.50.20:80'],
    'notrack',
    [RULES, '-A OUTPUT -d 192.168.50.20/32'],
    f => {
      raw(f, '-A OUTPUT -d 192.168.50.20/32 -j CT --notrack')
      after(
        f,
        RULES,
        '-A PREROUTING -m addrtype',
        '-A PREROUTING -i eth0 -j DNAT --to-destination 10.244.1.3',
      )
    },
  ),
  ipvs(
    'IPVS refuses the answers of a pod that was asked directly',
    ['n1', 'web:8080'],
    'ipvs-refuses-answer',
    ['n1/sysctl.txt', 'nat_icmp_send'],
    f => edit(f, 'n1/sysctl.txt', text => `${text}net.ipv4.vs.nat_icmp_send = 1\n`),
  ),
  ipvs(
    'IPVS keeps a connection to a real server that is gone',
    ['client', '10.96.0.10:80'],
    'stale-ipvs-connection',
    ['n1/sysctl.txt'],
    f =>
      f.set(
        'n1/ipvsadm-connections.txt',
        'IPVS connection entries\npro expire state       source             virtual            destination\nTCP 14:58  ESTABLISHED 10.244.1.2:41000   10.96.0.10:80      10.244.1.77:8080\n',
      ),
  ),
  kube(
    'the client has a wrong gateway',
    ['client', '192.168.50.20:80'],
    'wrong-gateway',
    ['n1/netns/client/ip-route.txt', 'default via 10.244.1.9'],
    f => swap(f, 'n1/netns/client/ip-route.txt', 'default via 10.244.1.1', 'default via 10.244.1.9'),
  ),
  kube(
    'pods are not masqueraded to the outside',
    ['client', '192.168.50.20:80'],
    'no-masquerade',
    [RULES],
    f => without(f, RULES, '-s 10.244.0.0/16 ! -d 224'),
  ),
  kube(
    'an ACCEPT that comes too late',
    ['client', '192.168.50.10:2483'],
    'rule-drops',
    [RULES, '-A INPUT -i cni0 -j REJECT'],
    f =>
      before(
        f,
        RULES,
        '-A INPUT -j KUBE-FIREWALL',
        '-A INPUT -i cni0 -j REJECT --reject-with icmp-port-unreachable\n-A INPUT -s 10.244.0.0/16 -p tcp -m tcp --dport 2483 -j ACCEPT',
      ),
  ),
  kube(
    'a DNAT for another device',
    ['client', '192.168.50.10:9000'],
    'rule-does-not-match',
    [RULES, '-A PREROUTING -i eth0 -p tcp'],
    f =>
      after(
        f,
        RULES,
        '-A PREROUTING -m addrtype',
        '-A PREROUTING -i eth0 -p tcp -m tcp --dport 9000 -j DNAT --to-destination 10.244.1.3:8080',
      ),
  ),
  kube(
    'a DROP of the other back end',
    ['client', '192.168.50.20:80'],
    'forward-policy-drop',
    ['n1/iptables-legacy-save.txt', ':FORWARD DROP'],
    f =>
      f.set(
        'n1/iptables-legacy-save.txt',
        '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n',
      ),
  ),
  ipvs(
    'IPVS, externalTrafficPolicy Local and no local endpoint',
    ['ext', '192.168.50.10:30080'],
    'no-local-endpoint',
    ['n1/ipvsadm.txt', '192.168.50.10:30080'],
    f => edit(f, 'n1/ipvsadm.txt', text => text.replace(/(192.168.50.10:30080 rr\n).*\n/, '$1')),
    false,
  ),
  kube('the bridge is down', ['client', 'web:8080'], 'interface-down', ['n1/ip-addr.txt', '3: cni0'], f =>
    swap(f, 'n1/ip-addr.txt', '3: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP>', '3: cni0: <BROADCAST,MULTICAST>'),
  ),
  kube(
    'a RETURN before the masquerade',
    ['ext', '192.168.50.10:30080'],
    'masquerade-after-accept',
    [RULES, '-A POSTROUTING -o flannel.1 -j RETURN'],
    f =>
      before(
        f,
        RULES,
        '-A POSTROUTING -m comment --comment "kubernetes postrouting',
        '-A POSTROUTING -o flannel.1 -j RETURN',
      ),
  ),
  ipvs(
    'a NodePort is not in its set',
    ['ext', '192.168.50.10:30080'],
    'ipset-entry-missing',
    ['n1/ipset-save.txt', 'create KUBE-NODE-PORT-TCP'],
    f => {
      edit(f, 'n1/ipset-save.txt', text => text.replace('add KUBE-NODE-PORT-TCP 30080\n', ''))
      without(f, RULES, '! -s 10.244.0.0/16 -d 10.244.0.0/16')
    },
  ),
  kube(
    'the way to a pod is down',
    ['client', 'web:8080'],
    'interface-down',
    ['n1/ip-addr.txt', 'vethweb@'],
    f =>
      edit(f, 'n1/ip-addr.txt', text =>
        text.replace('vethweb@if2: <BROADCAST,MULTICAST,UP,LOWER_UP>', 'vethweb@if2: <BROADCAST,MULTICAST>'),
      ),
  ),
  six(
    'INPUT DROP of IPv6, and nobody thought of neighbour discovery',
    ['a', '[fd00:1::1]:80'],
    'neighbour-discovery-dropped',
    [RULES6, ':INPUT DROP'],
    { rules: filter6('DROP', 'INPUT -p tcp -j ACCEPT') },
  ),
  six(
    'ICMPv6 but pings is dropped: the node does not hear who answers',
    ['node', '[fd00:1::a]:80'],
    'neighbour-discovery-dropped',
    [RULES6, '-A INPUT -p ipv6-icmp -j DROP'],
    {
      rules: filter6(
        'ACCEPT',
        'INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT',
        'INPUT -p ipv6-icmp -j DROP',
      ),
    },
  ),
  six(
    'no link-local address to ask from',
    ['a', '[fd00:2::e]:80'],
    'no-link-local-address',
    ['node/ip-addr.json'],
    { without: ['eth0'] },
  ),
  kube(
    'all hosts are asked at once',
    ['client', '224.0.0.1:53', 'udp'],
    'asked-a-group',
    undefined,
    () => {},
    false,
  ),
  ...[
    ['tcp to all hosts', '224.0.0.1:80', 'tcp'] as const,
    ['a broadcast address, without SO_BROADCAST', '10.244.1.255:53', 'udp'] as const,
  ].map(([name, dst, proto]) =>
    kube(name, ['client', dst, proto], 'refused-address', undefined, () => {}, false),
  ),
  {
    ...six('an address of one link, and no device', ['a', '[fe80::1]:80'], 'refused-address', undefined, {}),
    cured: false,
  },
]
