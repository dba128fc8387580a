import type { IpvsTable, RealServer, ServiceId, VirtualService } from '../model/ipvs.js'
import { familyOf, type Ip } from '../values/ip.js'

const METHOD_FLAGS = { Masq: '-m', Route: '-g', Local: '-g', Tunnel: '-i' } as const

const endpoint = (address: Ip, port: number): string =>
  familyOf(address) === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`

/** The table as `ipvsadm -Sn` prints it. Which servers are local is not in there. */
export function printIpvsSave(table: IpvsTable): string {
  const lines: string[] = []
  for (const service of table.services) {
    const id = serviceFlags(service.id)
    lines.push(`-A ${id} -s ${service.scheduler}${serviceOptions(service)}`)
    for (const s of service.realServers)
      lines.push(`-a ${id} -r ${endpoint(s.address, s.port)} ${METHOD_FLAGS[s.method]} -w ${s.weight}`)
  }
  return lines.map(line => `${line}\n`).join('')
}

function serviceFlags(id: ServiceId): string {
  if (id.kind === 'fwmark') return `-f ${id.mark}${id.ipv6 ? ' -6' : ''}`
  const flag = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' }[id.proto]
  return `${flag} ${endpoint(id.address, id.port)}`
}

function serviceOptions(s: VirtualService): string {
  let out = ''
  if (s.persistent !== undefined) out += ` -p ${s.persistent}`
  if (s.persistenceMask !== undefined) out += ` -M ${s.persistenceMask}`
  if (s.persistenceEngine !== undefined) out += ` --pe ${s.persistenceEngine}`
  if (s.onePacket) out += ' -o'
  if (s.schedulerFlags.length > 0) out += ` -b ${s.schedulerFlags.join(',')}`
  return out
}

/** The table as `ipvsadm -Ln` prints it. The size of the kernel's table is not known; 4096 is its default. */
export function printIpvsList(table: IpvsTable): string {
  const lines = [
    'IP Virtual Server version 1.2.1 (size=4096)',
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
  ]
  for (const service of table.services) {
    lines.push(`${listedId(service.id)} ${service.scheduler}${listedOptions(service)}`)
    for (const server of service.realServers) lines.push(listedServer(server))
  }
  return lines.map(line => `${line}\n`).join('')
}

function listedId(id: ServiceId): string {
  if (id.kind === 'fwmark') return `FWM  ${id.mark}${id.ipv6 ? ' IPv6' : ''}`
  return `${id.proto.padEnd(4)} ${endpoint(id.address, id.port)}`
}

function listedOptions(s: VirtualService): string {
  let out = ''
  if (s.schedulerFlags.length > 0) out += ` (${s.schedulerFlags.join(',')})`
  if (s.persistent !== undefined) out += ` persistent ${s.persistent}`
  if (s.persistenceMask !== undefined) out += ` mask ${s.persistenceMask}`
  if (s.persistenceEngine !== undefined) out += ` pe ${s.persistenceEngine}`
  if (s.onePacket) out += ' ops'
  return out
}

const listedServer = (s: RealServer): string =>
  `  -> ${endpoint(s.address, s.port).padEnd(28)} ${s.method.padEnd(7)} ${String(s.weight).padEnd(6)} ` +
  `${String(s.activeConnections).padEnd(10)} ${String(s.inactiveConnections).padEnd(10)}`
