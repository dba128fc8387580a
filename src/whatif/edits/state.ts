import type { Listener, Netns } from '../../model/snapshot.js'
import { inputError, type InputError } from '../../parse/problems.js'
import { addressAndPort } from '../../snapshot/settings-endpoint.js'
import { parseIp } from '../../values/ip.js'
import { parseProto } from '../../values/proto.js'
import type { Command } from '../edit.js'

const bad = (tool: string, message: string): InputError => inputError(tool, message)

const FILTERS = new Map<
  string,
  'proto' | 'src' | 'dst' | 'sport' | 'dport' | 'replySrc' | 'replyDst' | 'mark'
>([
  ['-p', 'proto'],
  ['--proto', 'proto'],
  ['-s', 'src'],
  ['--src', 'src'],
  ['--orig-src', 'src'],
  ['-d', 'dst'],
  ['--dst', 'dst'],
  ['--orig-dst', 'dst'],
  ['--sport', 'sport'],
  ['--orig-port-src', 'sport'],
  ['--dport', 'dport'],
  ['--orig-port-dst', 'dport'],
  ['-r', 'replySrc'],
  ['--reply-src', 'replySrc'],
  ['-q', 'replyDst'],
  ['--reply-dst', 'replyDst'],
  ['-m', 'mark'],
  ['--mark', 'mark'],
])

/** `conntrack -D FILTER`, `conntrack -F`. What is deleted can't be put back by a command. @throws InputError */
export function conntrackCommand(words: readonly string[]): Command {
  const [verb, ...rest] = words
  if (verb === '-F' || verb === '--flush') return forget(() => true)
  if (verb !== '-D' && verb !== '--delete') throw bad('conntrack', 'only -D and -F change anything')
  const asked = new Map<string, string>()
  for (let i = 0; i < rest.length; i += 2) {
    const key = FILTERS.get(rest[i]!)
    const value = rest[i + 1]
    if (!key || value === undefined)
      throw bad('conntrack', `${rest[i]}: not understood, or its value is missing`)
    asked.set(key, key === 'proto' ? String(parseProto(value)) : (parseIp(value) ?? value))
  }
  return forget(line => {
    const { original, reply } = line
    const has = {
      src: original.src,
      dst: original.dst,
      sport: original.sport,
      dport: original.dport,
      replySrc: reply.src,
      replyDst: reply.dst,
      proto: line.proto,
      mark: line.mark,
    }
    return [...asked].every(([key, value]) => String(has[key as keyof typeof has]) === value)
  })
}

function forget(isMeant: (line: Netns['conntrack'][number]) => boolean): Command {
  return netns => {
    const left = netns.conntrack.filter(line => !isMeant(line))
    const gone = netns.conntrack.length - left.length
    if (gone === 0) throw bad('conntrack', `no entry of ${netns.name} is meant`)
    return {
      changes: [{ path: ['conntrack'], value: left }],
      undo: [
        `# ${gone} forgotten ${gone === 1 ? 'connection comes' : 'connections come'} back by ${gone === 1 ? 'itself' : 'themselves'} when a packet of it is seen`,
      ],
    }
  }
}

/** `listen tcp ADDRESS:PORT [instead of ADDRESS:PORT]`, `unlisten tcp ADDRESS:PORT`: what a program does. @throws InputError */
export function listenCommand(words: readonly string[], listening: boolean): Command {
  const [proto, where = '', ...rest] = words
  if (proto !== 'tcp' && proto !== 'udp' && proto !== 'sctp')
    throw bad('listen', 'expected tcp, udp or sctp first')
  const fresh = listenerOf(proto, where)
  const old = rest[0] === 'instead' && rest[1] === 'of' ? listenerOf(proto, rest[2] ?? '') : undefined
  if (rest.length > 0 && !old) throw bad('listen', `${rest[0]} is not understood`)
  const same = (a: Listener, b: Listener) =>
    a.proto === b.proto &&
    a.port === b.port &&
    a.address === b.address &&
    a.families.some(f => b.families.includes(f))
  const name = ({ address, port, families }: Listener) =>
    `${address === undefined ? (families.includes('ipv4') ? '0.0.0.0' : '[::]') : address.includes(':') ? `[${address}]` : address}:${port}`
  return netns => {
    const gone = listening ? old : fresh
    if (gone && !netns.listeners.some(l => same(l, gone)))
      throw bad('listen', `nothing in ${netns.name} listens on ${proto} ${name(gone)}`)
    const left = gone ? netns.listeners.filter(l => !same(l, gone)) : netns.listeners
    return {
      changes: [{ path: ['listeners'], value: listening ? [...left, fresh] : left }],
      undo: [
        listening
          ? old
            ? `listen ${proto} ${name(old)} instead of ${name(fresh)}`
            : `unlisten ${proto} ${name(fresh)}`
          : `listen ${proto} ${name(fresh)}`,
      ],
    }
  }
}

function listenerOf(proto: Listener['proto'], where: string): Listener {
  const place = addressAndPort(where.replace(/^\*:/, '0.0.0.0:'))
  if (!place || place.port === undefined) throw bad('listen', `${where.slice(0, 60)}: expected ADDRESS:PORT`)
  const any = place.address === '0.0.0.0' || place.address === '::'
  const families: Listener['families'] =
    place.address === '::' ? ['ipv6', 'ipv4'] : place.address.includes(':') ? ['ipv6'] : ['ipv4']
  return {
    proto,
    ...(any ? {} : { address: place.address }),
    port: place.port,
    families,
    text: `${proto} ${proto === 'tcp' ? 'LISTEN' : 'UNCONN'} 0 0 ${where}`,
  }
}

/** `ipset add|del SET ENTRY`. @throws InputError */
export function ipsetCommand(words: readonly string[]): Command {
  const [verb, name, element, ...options] = words.filter(w => w !== '-exist' && w !== '-!')
  if ((verb !== 'add' && verb !== 'del') || name === undefined || element === undefined)
    throw bad('ipset', 'expected add SET ENTRY or del SET ENTRY')
  return netns => {
    const at = netns.sets.findIndex(set => set.name === name)
    if (at < 0) throw bad('ipset', `${netns.name} has no set ${name}`)
    const { entries } = netns.sets[at]!
    const has = entries.some(entry => entry.element === element)
    if (has === (verb === 'add')) throw bad('ipset', `${element} is ${has ? 'in' : 'not in'} ${name}`)
    const value =
      verb === 'add'
        ? [...entries, { element, nomatch: options.includes('nomatch'), options: {} }]
        : entries.filter(entry => entry.element !== element)
    return {
      changes: [{ path: ['sets', at, 'entries'], value }],
      undo: [`ipset ${verb === 'add' ? 'del' : 'add'} ${name} ${element}`],
    }
  }
}
