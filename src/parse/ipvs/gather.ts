import type { IpvsTable, RealServer, ServiceId, VirtualService } from '../../model/ipvs.js'
import { familyOf } from '../../values/ip.js'
import { listedServer, listedService } from './listed.js'
import { BadLine, type IpvsNode } from './nodes.js'
import { savedLine } from './saved.js'
import { endpointText, isIpv6, serviceName } from './words.js'

interface Open extends VirtualService {
  readonly realServers: RealServer[]
}
/** The line of each real server of a service, by address and port. */
const lines = new WeakMap<Open, Map<string, number>>()

/** Puts lines together to a table, one after the other. */
export interface Gather {
  /** @throws BadLine */
  take(node: IpvsNode, line: number): void
  table(file: string): IpvsTable
}

export function createGather(): Gather {
  const services = new Map<string, Open>()
  let current: Open | 'none' | 'refused' = 'none'
  let procHeading = false

  function add(service: VirtualService): void {
    const name = serviceName(service.id)
    const before = services.get(name)
    if (before) throw new BadLine(1, `service ${name} is there twice (first in line ${before.line})`)
    const opened: Open = { ...service, realServers: [] }
    services.set(name, opened)
    current = opened
  }

  return {
    take(node, line) {
      switch (node.kind) {
        case 'blank':
        case 'bad':
          return
        case 'heading':
          // /proc/net/ip_vs has this heading without ipvsadm's padding
          if (/RemoteAddress:Port Forward/.test(node.text)) procHeading = true
          refuseOtherLists(node.text)
          return
        case 'service':
        case 'fwmark':
          // Servers below a refused service are not blamed for it
          current = 'refused'
          if (
            node.kind === 'fwmark' &&
            (/[A-F]/.test(node.mark) || (procHeading && /^\w{8}$/.test(node.mark)))
          )
            throw new BadLine(
              1,
              `the mark ${node.mark} is hexadecimal: /proc/net/ip_vs? take \`ipvsadm -Ln\``,
            )
          add(listedService(node, line))
          return
        case 'server': {
          const server = listedServer(node, line)
          if (current === 'none') throw new BadLine(1, 'a real server before any service')
          if (current !== 'refused') addServer(current, server)
          return
        }
        case 'command': {
          const saved = savedLine(node, line)
          if (saved.kind === 'service') add(saved.service)
          else addServer(serviceOf(saved.id, services), saved.server)
        }
      }
    },
    table: file => ({ services: [...services.values()], file }),
  }
}

function serviceOf(id: ServiceId, services: ReadonlyMap<string, Open>): Open {
  const found = services.get(serviceName(id))
  if (!found) throw new BadLine(1, `no -A line for the service ${serviceName(id)} comes before this one`)
  return found
}

function addServer(service: Open, server: RealServer): void {
  const name = endpointText(server.address, server.port)
  const known = lines.get(service) ?? new Map<string, number>()
  lines.set(service, known)
  const before = known.get(name)
  if (before !== undefined)
    throw new BadLine(1, `real server ${name} is there twice for this service (first in line ${before})`)
  // ip_vs_ctl.c ip_vs_add_dest(): only a tunnel may lead to the other family
  if ((familyOf(server.address) === 'ipv6') !== isIpv6(service.id) && server.method !== 'Tunnel')
    throw new BadLine(
      1,
      `real server ${name} is of another family than its service ${serviceName(service.id)}; only Tunnel may be`,
    )
  known.set(name, server.line)
  service.realServers.push(server)
}

/** Lists of the same table that leave out what matters. */
function refuseOtherLists(heading: string): void {
  const what = /\bInPkts\b/.test(heading)
    ? '--stats'
    : /\bInPPS\b/.test(heading)
      ? '--rate'
      : /\bPersistConn\b/.test(heading)
        ? '--persistent-conn'
        : /\bUthreshold\b/.test(heading)
          ? '--thresholds'
          : undefined
  if (what)
    throw new BadLine(
      1,
      `\`ipvsadm -Ln ${what}\` does not tell how packets are forwarded: take plain \`ipvsadm -Ln\``,
    )
}
