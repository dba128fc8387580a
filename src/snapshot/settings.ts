import { type Node, isMap } from 'yaml'
import type { Problem } from '../model/place.js'
import type { Endpoint, Expectation, Fix } from '../model/snapshot.js'
import { didYouMean } from '../parse/problems.js'
import { parseIp } from '../values/ip.js'
import { type Prefix, parsePrefix } from '../values/prefix.js'
import { readEndpoint } from './settings-endpoint.js'
import { YamlReader } from './yaml-reader.js'

/** An end of a wire as written, `n1:eth0` or `n1/pod:eth0`. */
export interface WireEnd {
  readonly netns: string
  readonly iface: string
  /** Says what is wrong with it, at its place in the file. */
  readonly wrong: (message: string) => void
}

/** An endpoint that names a namespace, still to be looked up. */
export interface EndpointText {
  readonly node?: string
  readonly netns?: string
  readonly address?: Endpoint['address']
  readonly port?: number
  readonly wrong: (message: string) => void
}

/** What `snapshot.yaml` says. */
export interface Settings {
  readonly title?: string
  readonly isDefault: boolean
  readonly kernel?: string
  readonly retries?: number
  readonly clusterCidrs: readonly Prefix[]
  readonly serviceCidrs: readonly Prefix[]
  readonly endpoints: ReadonlyMap<string, EndpointText>
  readonly wires: readonly (readonly WireEnd[])[]
  readonly expectations: readonly Expectation[]
  readonly fixes: readonly Fix[]
  /** Grows while names are looked up. */
  readonly problems: Problem[]
}

const KEYS = [
  'title',
  'description',
  'default',
  'kernel',
  'retries',
  'endpoints',
  'clusterCIDR',
  'clusterCIDRs',
  'serviceCIDR',
  'serviceCIDRs',
  'wires',
  'expect',
  'fixes',
]
const EXPECT_KEYS = [
  'title',
  'src',
  'dst',
  'proto',
  'dport',
  'sport',
  'set',
  'apply',
  'outcome',
  'seen',
  'finding',
]
const OUTCOMES = [
  'ok',
  'refused',
  'reset',
  'timeout',
  'host-unreachable',
  'net-unreachable',
  'protocol-unreachable',
  'not-permitted',
  'unknown',
]
const PROTOS = ['tcp', 'udp', 'icmp', 'sctp']

/** Reads and validates `snapshot.yaml`. Never throws: what is wrong is in `problems`. */
export function readSettings(text: string, file: string): Settings {
  const yaml = new YamlReader(text, file)
  const map =
    (yaml.root === null ? undefined : yaml.map(yaml.root, 'snapshot.yaml', KEYS)) ?? new Map<string, Node>()
  const title = yaml.text(map.get('title'), 'title')
  const kernel = readKernel(yaml, map.get('kernel'))
  const retries = yaml.number(map.get('retries'), 'retries', 20)
  yaml.text(map.get('description'), 'description')
  return {
    ...(title === undefined ? {} : { title }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(retries === undefined ? {} : { retries }),
    isDefault: yaml.flag(map.get('default'), 'default') ?? false,
    clusterCidrs: [...cidrs(yaml, map, 'clusterCIDR'), ...cidrs(yaml, map, 'clusterCIDRs')],
    serviceCidrs: [...cidrs(yaml, map, 'serviceCIDR'), ...cidrs(yaml, map, 'serviceCIDRs')],
    endpoints: readEndpoints(yaml, map.get('endpoints')),
    wires: readWires(yaml, map.get('wires')),
    expectations: (yaml.list(map.get('expect'), 'expect') ?? []).flatMap(
      node => readExpectation(yaml, node) ?? [],
    ),
    fixes: (yaml.list(map.get('fixes'), 'fixes') ?? []).flatMap(node => readFix(yaml, node) ?? []),
    problems: yaml.problems,
  }
}

function readKernel(yaml: YamlReader, node: Node | undefined): string | undefined {
  const text = yaml.text(node, 'kernel')
  if (text === undefined || /^\d{1,3}\.\d{1,4}/.test(text)) return text
  return yaml.wrong(node, 'kernel: expected a version such as 6.1')
}

function cidrs(yaml: YamlReader, map: ReadonlyMap<string, Node>, key: string): Prefix[] {
  return yaml.words(map.get(key), key).flatMap(({ text, node }) => {
    const prefix = parsePrefix(text)
    if (!prefix) yaml.wrong(node, `${key}: ${text.slice(0, 60)} is not a prefix such as 10.244.0.0/16`)
    return prefix ?? []
  })
}

function readEndpoints(yaml: YamlReader, node: Node | undefined): Map<string, EndpointText> {
  const endpoints = new Map<string, EndpointText>()
  if (node === undefined) return endpoints
  for (const [name, value] of yaml.map(node, 'endpoints') ?? []) {
    const endpoint = readEndpoint(yaml, name, value)
    if (endpoint) endpoints.set(name, endpoint)
  }
  return endpoints
}

function readWires(yaml: YamlReader, node: Node | undefined): WireEnd[][] {
  return (yaml.list(node, 'wires') ?? []).flatMap(wire => {
    const ends = (yaml.list(wire, 'wires: each wire') ?? []).flatMap(end => {
      const text = yaml.text(end, 'wires')
      const parts = /^([^:\s]+):([^:\s]+)$/.exec(text ?? '')
      if (parts)
        return {
          netns: parts[1]!,
          iface: parts[2]!,
          wrong: (message: string) => void yaml.wrong(end, message),
        }
      if (text !== undefined) yaml.wrong(end, 'wires: expected NODE:INTERFACE or NODE/POD:INTERFACE')
      return []
    })
    if (ends.length >= 2) return [ends]
    yaml.wrong(wire, 'wires: a wire has two ends or more')
    return []
  })
}

const EDIT_KEYS = ['title', 'set', 'apply']

/** `set: [net.ipv4.ip_forward=1]`, or a mapping `set: {net.ipv4.ip_forward: 1}`. */
function readSet(yaml: YamlReader, node: Node | undefined): string[] {
  if (node === undefined) return []
  if (!isMap(node))
    return yaml.words(node, 'set').flatMap(({ text, node: at }) => {
      if (/^[^=\s]+=.*$/s.test(text)) return text
      yaml.wrong(at, 'set: expected [NODE:]sysctl=value')
      return []
    })
  return [...(yaml.map(node, 'set') ?? [])].flatMap(([key, value]) => {
    const text = yaml.text(value, `set: ${key}`)
    return text === undefined ? [] : `${key}=${text}`
  })
}

function readExpectation(yaml: YamlReader, node: Node): Expectation | undefined {
  const map = yaml.map(node, 'expect', EXPECT_KEYS)
  if (!map) return undefined
  const word = (key: string, allowed?: readonly string[]): string | undefined => {
    const text = yaml.text(map.get(key), `expect: ${key}`)
    if (text === undefined || !allowed || allowed.includes(text)) return text
    return yaml.wrong(
      map.get(key),
      `expect: ${key}: expected one of ${allowed.join(', ')}${didYouMean(text, allowed)}`,
    )
  }
  const [src, dst, outcome] = [word('src'), word('dst'), word('outcome', OUTCOMES)]
  for (const key of ['src', 'dst', 'outcome'])
    if (!map.has(key)) yaml.wrong(node, `expect: \`${key}\` is missing`)
  if (src === undefined || dst === undefined || outcome === undefined) return undefined
  const [proto, finding, seen] = [word('proto', PROTOS), word('finding'), word('seen')]
  const dport = yaml.number(map.get('dport'), 'expect: dport', 65535)
  const sport = yaml.number(map.get('sport'), 'expect: sport', 65535)
  const set = readSet(yaml, map.get('set'))
  const apply = yaml.words(map.get('apply'), 'expect: apply').map(w => w.text)
  if (seen !== undefined && !parseIp(seen)) yaml.wrong(map.get('seen'), 'expect: seen: expected an address')
  return {
    title: word('title') ?? `${src} → ${dst}${dport === undefined ? '' : ` port ${dport}`}`,
    src,
    dst,
    outcome,
    ...(proto === undefined ? {} : { proto }),
    ...(dport === undefined ? {} : { dport }),
    ...(sport === undefined ? {} : { sport }),
    ...(set.length === 0 ? {} : { set }),
    ...(apply.length === 0 ? {} : { apply }),
    ...(seen === undefined ? {} : { seen: parseIp(seen) ?? seen }),
    ...(finding === undefined ? {} : { finding }),
  }
}

function readFix(yaml: YamlReader, node: Node): Fix | undefined {
  const map = yaml.map(node, 'fixes', EDIT_KEYS)
  if (!map) return undefined
  const set = readSet(yaml, map.get('set'))
  const apply = yaml.words(map.get('apply'), 'fixes: apply').map(w => w.text)
  if (set.length + apply.length === 0) return yaml.wrong(node, 'fixes: a fix needs `set` or `apply`')
  const title = yaml.text(map.get('title'), 'fixes: title') ?? [...set, ...apply].join(', ')
  return { title, set, apply }
}
