/** A namespace as the generator draws it; `filesOf` words it as the tools would. */
export interface Host {
  /** Folder in the snapshot: `node`, `node/netns/a`. */
  readonly folder: string
  readonly devices: Device[]
  /** Lines of `ip route`, of both families, besides those that addresses bring. */
  readonly routes: string[]
  readonly rules: string[]
  readonly rules6: string[]
  readonly neighbours: string[]
  readonly fdb: string[]
  readonly listeners: { proto: 'tcp' | 'udp'; address: string; port: number }[]
  readonly sysctl: Map<string, string>
  iptables?: string
  ip6tables?: string
  ipset?: string
  /** Its IPVS table, as `ipvsadm -Sn` prints it. */
  ipvs?: string
}

export interface Device {
  readonly name: string
  readonly kind?: 'veth' | 'bridge' | 'vxlan' | 'dummy'
  readonly mac?: string
  /** `10.0.0.1/24`; fd00::1/64. */
  readonly addresses: string[]
  readonly master?: string
  readonly hairpin?: boolean
  readonly mcastFlood?: boolean
  readonly isolated?: boolean
  /** Bytes; of what it is by default otherwise. */
  mtu?: number
  readonly down?: boolean
  readonly noarp?: boolean
  readonly data?: Record<string, unknown>
}

export const newHost = (folder: string): Host => ({
  folder,
  devices: [{ name: 'lo', addresses: ['127.0.0.1/8', '::1/128'] }],
  routes: [],
  rules: [],
  rules6: [],
  neighbours: [],
  fdb: [],
  listeners: [],
  sysctl: new Map(),
})

const isSix = (text: string): boolean => text.includes(':')

/** The files of a host, as the commands of `nfsim collect` print them. */
export function filesOf(host: Host): [string, string][] {
  const files: [string, string | undefined][] = [
    ['ip-addr.json', JSON.stringify(host.devices.map(linkOf), undefined, 1)],
    [
      'ip-route.txt',
      lines([
        ...host.devices.flatMap(connected4),
        ...host.routes.filter(r => !isSix(r)),
        ...host.devices.flatMap(connected6),
        ...host.routes.filter(isSix),
        ...host.devices.flatMap(local),
        ...host.devices.filter(d => d.name !== 'lo').map(groups),
      ]),
    ],
    [
      'ip-rule.txt',
      lines([
        '0:\tfrom all lookup local',
        ...host.rules,
        '32766:\tfrom all lookup main',
        '32767:\tfrom all lookup default',
      ]),
    ],
    ['ip-neigh.txt', lines(host.neighbours)],
    ['bridge-fdb.txt', lines(host.fdb)],
    [
      'ss.txt',
      lines(
        host.listeners.map(
          l =>
            `${l.proto} ${l.proto === 'tcp' ? 'LISTEN' : 'UNCONN'} 0 0 ${isSix(l.address) ? `[${l.address}]` : l.address}:${l.port} ${isSix(l.address) ? '[::]' : '0.0.0.0'}:*`,
        ),
      ),
    ],
    ['sysctl.txt', lines([...host.sysctl].map(([key, value]) => `${key} = ${value}`))],
    ['ipset-save.txt', host.ipset],
    ['ipvsadm-save.txt', host.ipvs],
    ['iptables-save.txt', host.iptables],
    ['ip6tables-save.txt', host.ip6tables],
  ]
  return files.flatMap(([name, text]) => (text === undefined ? [] : [[`${host.folder}/${name}`, text]]))
}

const lines = (list: readonly string[]): string => list.map(line => `${line}\n`).join('')

function linkOf(device: Device, at: number): object {
  const loopback = device.name === 'lo'
  return {
    ifindex: at + 1,
    ifname: device.name,
    flags: [
      ...(loopback ? ['LOOPBACK'] : device.noarp ? ['BROADCAST', 'NOARP'] : ['BROADCAST', 'MULTICAST']),
      ...(device.down ? [] : ['UP', 'LOWER_UP']),
    ],
    mtu: device.mtu ?? (loopback ? 65536 : device.kind === 'vxlan' ? 1450 : 1500),
    operstate: device.down ? 'DOWN' : 'UP',
    group: 'default',
    link_type: loopback ? 'loopback' : 'ether',
    address: device.mac ?? '00:00:00:00:00:00',
    ...(device.master && { master: device.master }),
    ...(device.kind && {
      linkinfo: {
        info_kind: device.kind,
        ...(device.data && { info_data: device.data }),
        ...(device.master && {
          info_slave_kind: 'bridge',
          info_slave_data: {
            state: 'forwarding',
            hairpin: device.hairpin ?? false,
            isolated: device.isolated ?? false,
            learning: true,
            flood: true,
            mcast_flood: device.mcastFlood ?? true,
          },
        }),
      },
    }),
    addr_info: device.addresses.map(text => {
      const [local, length] = text.split('/')
      return {
        family: isSix(text) ? 'inet6' : 'inet',
        local,
        prefixlen: Number(length),
        scope: loopback ? 'host' : text.startsWith('fe80:') ? 'link' : 'global',
      }
    }),
  }
}

/** The network of an IPv4 address, 8, 16, 24 or 32 bits long. */
const network4 = (text: string): string => {
  const [address = '', length = '32'] = text.split('/')
  const kept = Number(length) / 8
  return `${address
    .split('.')
    .map((part, i) => (i < kept ? part : '0'))
    .join('.')}/${length}`
}
const network6 = (text: string): string => `${text.replace(/::[^/]*\/64$/, '::/64')}`

const connected4 = (d: Device): string[] =>
  d.addresses
    .filter(a => !isSix(a) && d.name !== 'lo' && !a.endsWith('/32'))
    .map(a => `${network4(a)} dev ${d.name} proto kernel scope link src ${a.split('/')[0]}`)
const connected6 = (d: Device): string[] =>
  d.addresses
    .filter(a => isSix(a) && d.name !== 'lo')
    .map(a => `${network6(a)} dev ${d.name} proto kernel metric 256 pref medium`)
const groups = (d: Device): string =>
  `multicast ff00::/8 dev ${d.name} table local proto kernel metric 256 pref medium`
const local = (d: Device): string[] =>
  d.addresses.flatMap(a => {
    const address = a.split('/')[0]!
    if (isSix(a)) return [`local ${address} dev ${d.name} table local proto kernel metric 0 pref medium`]
    if (a === '127.0.0.1/8')
      return [
        'local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1',
        'local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1',
        'broadcast 127.255.255.255 dev lo table local proto kernel scope link src 127.0.0.1',
      ]
    const own = `local ${address} dev ${d.name} table local proto kernel scope host src ${address}`
    if (a.endsWith('/32')) return [own]
    const kept = Number(a.split('/')[1]) / 8
    const last = address
      .split('.')
      .map((part, i) => (i < kept ? part : '255'))
      .join('.')
    return [own, `broadcast ${last} dev ${d.name} table local proto kernel scope link src ${address}`]
  })
