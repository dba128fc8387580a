/**
 * What `iptables -L` prints behind the addresses, as the options that it came of (the print functions of libxtables'
 * extensions, asked of iptables 1.8.9). Matches come before the target. Not here, and so unknown: what the listing
 * shortens beyond recognition (the name and rates of hashlimit, the buckets of recent).
 */
type Wording = readonly [form: RegExp, options: (m: RegExpExecArray) => string]

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
/** `!80` → `! --dport 80` */
const negated = (flag: string, value: string): string =>
  value.startsWith('!') ? `! ${flag} ${value.slice(1)}` : `${flag} ${value}`
const not = (bang: string | undefined): string => (bang?.includes('!') ? '! ' : '')

const FLAG_BITS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const
function flagNames(text: string): string {
  if (!text.startsWith('0x')) return text
  const bits = Number(text)
  return FLAG_BITS.filter((_, bit) => bits & (1 << bit)).join(',') || 'NONE'
}

/** The options that one match prints in a row: `tcp spts:1:2 dpt:80 flags:0x17/0x02`. */
function ports(match: string, text: string): string {
  const words = text.trim().split(/ +/).filter(Boolean)
  const options = words.map(word => {
    const [, what = '', value = ''] = /^(spts?|dpts?|flags|option):(.*)$/.exec(word) ?? []
    if (what.startsWith('s')) return negated('--sport', value)
    if (what.startsWith('d')) return negated('--dport', value)
    if (what === 'option') return negated('--tcp-option', value)
    const [, bang, mask = '', set = ''] = /^(!)?([^/]+)\/(.+)$/.exec(value) ?? []
    return `${not(bang)}--tcp-flags ${flagNames(mask)} ${flagNames(set)}`
  })
  return ['-m', match, ...options].join(' ')
}

export const LISTED_MATCHES: readonly Wording[] = [
  [/^(tcp|udp|sctp|udplite|dccp)((?: (?:spts?|dpts?|flags|option):\S+)+)/, m => ports(m[1]!, m[2]!)],
  [/^multiport (sports|dports|ports) +(!)?([\w,:-]+)/, m => `-m multiport ${not(m[2])}--${m[1]} ${m[3]}`],
  [/^(! )?ctstate ([A-Z,]+)((?: (?:! )?ctproto \w+)?)/, conntrack],
  [/^(! )?state ([A-Z,]+)/, m => `-m state ${not(m[1])}--state ${m[2]}`],
  [/^\/\* (.*?) \*\//, m => `-m comment --comment ${quote(m[1]!)}`],
  [
    /^(! )?match-set (\S+) ((?:src|dst)(?:,(?:src|dst))*)/,
    m => `-m set ${not(m[1])}--match-set ${m[2]} ${m[3]}`,
  ],
  [
    /^(conn)?mark match +(! ?)?(0x[0-9a-f]+(?:\/0x[0-9a-f]+)?)/,
    m => `-m ${m[1] ?? ''}mark ${not(m[2])}--mark ${m[3]}`,
  ],
  [/^ADDRTYPE match((?: (?:! ?)?(?:src|dst)-type (?:! ?)?[A-Z,]+)+)((?: limit-(?:in|out))?)/, addrtype],
  [/^limit: avg (\S+) burst (\d+)/, m => `-m limit --limit ${m[1]} --limit-burst ${m[2]}`],
  [
    /^statistic mode random( !)? probability ([\d.]+)/,
    m => `-m statistic --mode random ${not(m[1])}--probability ${m[2]}`,
  ],
  [
    /^statistic mode nth( !)? every (\d+)(?: packet (\d+))?/,
    m => `-m statistic --mode nth ${not(m[1])}--every ${m[2]} --packet ${m[3] ?? 0}`,
  ],
  [/^MAC +(!)?((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})/, m => `-m mac ${not(m[1])}--mac-source ${m[2]}`],
  [
    /^(source|destination) IP range (! )?(\S+)/,
    m => `-m iprange ${not(m[2])}--${m[1] === 'source' ? 'src' : 'dst'}-range ${m[3]}`,
  ],
  [/^PKTTYPE (!?)= (\w+)/, m => `-m pkttype ${not(m[1])}--pkt-type ${m[2]}`],
  [
    /^TTL match TTL (==|!=|<|>) (\d+)/,
    m =>
      `-m ttl ${m[1] === '!=' ? '! ' : ''}--ttl-${m[1] === '<' ? 'lt' : m[1] === '>' ? 'gt' : 'eq'} ${m[2]}`,
  ],
  [/^length (!)?(\d+(?::\d+)?)/, m => `-m length ${not(m[1])}--length ${m[2]}`],
  [/^DSCP match (!)?(0x[0-9a-f]+)/, m => `-m dscp ${not(m[1])}--dscp ${m[2]}`],
  [
    /^PHYSDEV match((?: (?:! )?--physdev-(?:in|out) \S+| (?:! )?--physdev-is-\w+)+)/,
    m => `-m physdev${m[1]}`,
  ],
  [
    /^ipv6-icmptype (!)?(\d+)(?: code (\d+))?/,
    m => `-m icmp6 ${not(m[1])}--icmpv6-type ${m[2]}${m[3] ? `/${m[3]}` : ''}`,
  ],
  [
    /^(!)?icmptype (!)?(\d+)(?: code (\d+))?/,
    m =>
      `-m icmp ${not(m[1] ?? m[2])}--icmp-type ${m[3] === '255' ? 'any' : `${m[3]}${m[4] ? `/${m[4]}` : ''}`}`,
  ],
  [/^ipv6-icmp (!)?([a-z][a-z-]+)/, m => `-m icmp6 ${not(m[1])}--icmpv6-type ${m[2]}`],
  [/^icmp (!)?([a-z][a-z-]+)/, m => `-m icmp ${not(m[1])}--icmp-type ${m[2]}`],
  [/^owner UID match (!)?([\w-]+)/, m => `-m owner ${not(m[1])}--uid-owner ${m[2]}`],
  [
    /^rpfilter((?: (?:loose|validmark|accept-local|invert))*)/,
    m => `-m rpfilter${m[1]!.replaceAll(' ', ' --')}`,
  ],
]

function conntrack(m: RegExpExecArray): string {
  const proto = / (! )?ctproto (\w+)/.exec(m[3] ?? '')
  const second = proto ? ` ${not(proto[1])}--ctproto ${proto[2]}` : ''
  return `-m conntrack ${not(m[1])}--ctstate ${m[2]}${second}`
}

function addrtype(m: RegExpExecArray): string {
  const types = [...m[1]!.matchAll(/ (! ?)?(src|dst)-type (! ?)?([A-Z,]+)/g)]
  const options = types.map(t => `${not(t[1] ?? t[3])}--${t[2]}-type ${t[4]}`)
  const limit = m[2]!.includes('in') ? ['--limit-iface-in'] : m[2] ? ['--limit-iface-out'] : []
  return ['-m addrtype', ...options, ...limit].join(' ')
}

const flags = (text = ''): string =>
  text
    .trim()
    .split(/ +/)
    .filter(Boolean)
    .map(flag => ` --${flag}`)
    .join('')

/** Behind the name of the target, of which they are the options. */
export const LISTED_TARGETS: Readonly<Record<string, Wording>> = {
  DNAT: [/^to:(\S+)((?: (?:random|persistent))*)/, m => `--to-destination ${m[1]}${flags(m[2])}`],
  SNAT: [/^to:(\S+)((?: (?:random-fully|random|persistent))*)/, m => `--to-source ${m[1]}${flags(m[2])}`],
  MASQUERADE: [
    /^(?:masq ports: (\S+) ?)?((?:random-fully|random| )*)/,
    m => `${m[1] ? `--to-ports ${m[1]}` : ''}${flags(m[2])}`,
  ],
  REDIRECT: [
    /^(?:redir ports (\S+))?((?: random)?)/,
    m => `${m[1] ? `--to-ports ${m[1]}` : ''}${flags(m[2])}`,
  ],
  NETMAP: [/^(?:to:)?(\S+)/, m => `--to ${m[1]}`],
  REJECT: [/^reject-with (\S+)/, m => `--reject-with ${m[1]}`],
  LOG: [
    /^LOG (?:flags (\d+) )?level (\w+)(?: prefix "(.*?)")?/,
    m =>
      `${logFlags(Number(m[1] ?? 0))}${m[3] === undefined ? '' : `--log-prefix ${quote(m[3])} `}--log-level ${LEVELS.get(m[2]!) ?? m[2]}`,
  ],
  MARK: [
    /^MARK (set|and|or|xor|xset) (0x[0-9a-f]+(?:\/0x[0-9a-f]+)?)/,
    m => `--${m[1] === 'xset' ? 'set-xmark' : `${m[1]}-mark`} ${m[2]}`,
  ],
  CONNMARK: [
    /^CONNMARK (set|and|or|xor|xset|save|restore)(?: (0x\S+))?(?: mask (0x\S+))?/,
    m =>
      `--${m[1] === 'xset' ? 'set-xmark' : `${m[1]}-mark`}${m[2] ? ` ${m[2]}` : ''}${m[3] ? ` --mask ${m[3]}` : ''}`,
  ],
  TCPMSS: [/^TCPMSS (?:set (\d+)|clamp to PMTU)/, m => (m[1] ? `--set-mss ${m[1]}` : '--clamp-mss-to-pmtu')],
  NFLOG: [
    /^(?:nflog-prefix +(?:"(.*?)"|(\S+)) *)?(?:nflog-group (\d+))?/,
    m =>
      `${(m[1] ?? m[2]) ? `--nflog-prefix ${quote(m[1] ?? m[2]!)} ` : ''}${m[3] ? `--nflog-group ${m[3]}` : ''}`,
  ],
  CT: [/^CT (notrack)/, () => '--notrack'],
  NOTRACK: [/^/, () => ''],
  TRACE: [/^/, () => ''],
}

/** Levels that -L spells in a way that --log-level does not take. */
const LEVELS = new Map([
  ['err', 'error'],
  ['warn', 'warning'],
])

/** xt_LOG's flags, by bit (include/uapi/linux/netfilter/xt_LOG.h XT_LOG_TCPSEQ …). */
function logFlags(bits: number): string {
  const names = ['tcp-sequence', 'tcp-options', 'ip-options', 'uid', undefined, 'macdecode']
  return names.map((name, bit) => (name && bits & (1 << bit) ? `--log-${name} ` : '')).join('')
}
