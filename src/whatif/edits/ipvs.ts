import type { IpvsTable, RealServer, ServiceId, VirtualService } from '../../model/ipvs.js'
import { parse } from '../../parse/generated/ipvsadm.js'
import { BadLine, type CommandNode } from '../../parse/ipvs/nodes.js'
import { type Saved, savedLine } from '../../parse/ipvs/saved.js'
import { endpointText, serviceName } from '../../parse/ipvs/words.js'
import { inputError, type InputError } from '../../parse/problems.js'
import type { Command } from '../edit.js'

const bad = (message: string): InputError => inputError('ipvsadm', message)

/** Edits by the letter, and the saved form that tells the same. */
const AS_SAVED = new Map<string, readonly ['-A' | '-a', 'add' | 'edit' | 'delete']>([
  ['-A', ['-A', 'add']],
  ['--add-service', ['-A', 'add']],
  ['-E', ['-A', 'edit']],
  ['--edit-service', ['-A', 'edit']],
  ['-D', ['-A', 'delete']],
  ['--delete-service', ['-A', 'delete']],
  ['-a', ['-a', 'add']],
  ['--add-server', ['-a', 'add']],
  ['-e', ['-a', 'edit']],
  ['--edit-server', ['-a', 'edit']],
  ['-d', ['-a', 'delete']],
  ['--delete-server', ['-a', 'delete']],
])

/** `ipvsadm -A|-E|-D|-a|-e|-d …`, `ipvsadm -C`. @throws InputError */
export function ipvsCommand(words: readonly string[]): Command {
  const [letter = '', ...rest] = words
  if (letter === '-C' || letter === '--clear')
    return netns => ({
      changes: netns.ipvs ? [{ path: ['ipvs', 'services'], value: [] }] : [],
      undo: (netns.ipvs?.services ?? []).flatMap(s => [
        addService(s),
        ...s.realServers.map(r => addServer(s.id, r)),
      ]),
    })
  const [form, action] = AS_SAVED.get(letter) ?? []
  if (!form || !action) throw bad(`${letter} is not understood: -A, -E, -D, -a, -e, -d or -C`)
  const saved = read([form, ...rest].join(' '))
  return netns => {
    const table: IpvsTable = netns.ipvs ?? { services: [], file: netns.files['ipvsadm.txt'] ?? 'ipvsadm.txt' }
    const { services, undo } =
      saved.kind === 'service' ? changeService(table, saved, action) : changeServer(table, saved, action)
    return {
      changes: netns.ipvs
        ? [{ path: ['ipvs', 'services'], value: services }]
        : [{ path: ['ipvs'], value: { ...table, services } }],
      undo,
    }
  }
}

function read(text: string): Saved {
  try {
    return savedLine(parse(text, { startRule: 'Line' }) as CommandNode, 0)
  } catch (error) {
    if (error instanceof BadLine || (error instanceof Error && error.name === 'SyntaxError'))
      throw bad(error.message)
    throw error
  }
}

const sameId = (a: ServiceId, b: ServiceId): boolean => serviceName(a) === serviceName(b)

type Action = 'add' | 'edit' | 'delete'
type Changed = { services: VirtualService[]; undo: string[] }

function changeService(table: IpvsTable, saved: Saved & { kind: 'service' }, action: Action): Changed {
  const { service } = saved
  const old = table.services.find(s => sameId(s.id, service.id))
  const others = table.services.filter(s => s !== old)
  if (action === 'add') {
    if (old) throw bad(`service ${serviceName(service.id)} exists already`)
    return { services: [...table.services, service], undo: [`ipvsadm -D ${serviceFlags(service.id)}`] }
  }
  if (!old) throw bad(`there is no service ${serviceName(service.id)}`)
  if (action === 'delete')
    return { services: others, undo: [addService(old), ...old.realServers.map(r => addServer(old.id, r))] }
  const edited = { ...service, realServers: old.realServers }
  return {
    services: table.services.map(s => (s === old ? edited : s)),
    undo: [addService(old).replace(' -A ', ' -E ')],
  }
}

function changeServer(table: IpvsTable, saved: Saved & { kind: 'server' }, action: Action): Changed {
  const { id, server } = saved
  const service = table.services.find(s => sameId(s.id, id))
  if (!service) throw bad(`there is no service ${serviceName(id)}`)
  const old = service.realServers.find(r => r.address === server.address && r.port === server.port)
  const name = endpointText(server.address, server.port)
  if (action === 'add' ? old : !old)
    throw bad(
      `service ${serviceName(id)} has ${old ? 'the' : 'no'} real server ${name}${old ? ' already' : ''}`,
    )
  const realServers =
    action === 'add'
      ? [...service.realServers, server]
      : action === 'delete'
        ? service.realServers.filter(r => r !== old)
        : service.realServers.map(r => (r === old ? server : r))
  const undo =
    action === 'add'
      ? `ipvsadm -d ${serviceFlags(id)} -r ${name}`
      : action === 'delete'
        ? addServer(id, old!)
        : addServer(id, old!).replace(' -a ', ' -e ')
  return { services: table.services.map(s => (s === service ? { ...s, realServers } : s)), undo: [undo] }
}

/** A Service as ipvsadm(8) is told of it: `-t 10.96.0.10:80`, `-f 1 -6`. */
export const serviceFlags = (id: ServiceId): string =>
  id.kind === 'fwmark'
    ? `-f ${id.mark}${id.ipv6 ? ' -6' : ''}`
    : `${{ TCP: '-t', UDP: '-u', SCTP: '--sctp-service' }[id.proto]} ${endpointText(id.address, id.port)}`

const addService = (s: VirtualService): string =>
  `ipvsadm -A ${serviceFlags(s.id)} -s ${s.scheduler}${s.schedulerFlags.length > 0 ? ` -b ${s.schedulerFlags.join(',')}` : ''}${s.persistent === undefined ? '' : ` -p ${s.persistent}`}${s.onePacket ? ' -o' : ''}`

export const addServer = (id: ServiceId, r: RealServer): string =>
  `ipvsadm -a ${serviceFlags(id)} -r ${endpointText(r.address, r.port)} ${{ Masq: '-m', Route: '-g', Tunnel: '-i', Local: '-g' }[r.method]} -w ${r.weight}`
