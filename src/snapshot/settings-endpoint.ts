import type { Node } from 'yaml'
import { type Ip, parseIp } from '../values/ip.js'
import type { EndpointText } from './settings.js'
import type { YamlReader } from './yaml-reader.js'

const KEYS = ['node', 'netns', 'ip', 'address', 'port']

/**
 * `{node: n1, netns: client}`, `{ip: 10.96.0.10, port: 80}`, or short: `n1/client`, `client`, `10.96.0.10:80`.
 * A name alone is left in `netns`; whether it is a node's or a pod's is seen when the dumps are read.
 */
export function readEndpoint(yaml: YamlReader, name: string, node: Node): EndpointText | undefined {
  const what = `endpoint ${name.slice(0, 60)}`
  const wrong = (message: string) => void yaml.wrong(node, `${what}: ${message}`)
  if (yaml.isText(node)) {
    const text = yaml.text(node, what) ?? ''
    const place = addressAndPort(text)
    if (place) return { ...place, wrong }
    const named = /^([^:\s]+?)(?::(\d{1,5}))?$/.exec(text)
    const port = named?.[2] === undefined ? undefined : Number(named[2])
    if (named && (port === undefined || port <= 65535))
      return { netns: named[1]!, ...(port === undefined ? {} : { port }), wrong }
    return yaml.wrong(node, `${what}: expected a namespace, an address, or address:port`)
  }
  const map = yaml.map(node, what, KEYS)
  if (!map) return undefined
  const netns = yaml.text(map.get('netns'), `${what}: netns`)
  const host = yaml.text(map.get('node'), `${what}: node`)
  const port = yaml.number(map.get('port'), `${what}: port`, 65535)
  const addressNode = map.get('ip') ?? map.get('address')
  const written = yaml.text(addressNode, `${what}: ip`)
  const address = written === undefined ? undefined : parseIp(written)
  if (written !== undefined && !address) return yaml.wrong(addressNode, `${what}: ip: not an address`)
  if (netns === undefined && host === undefined && address === undefined)
    return yaml.wrong(node, `${what}: expected \`netns\`, \`node\` or \`ip\``)
  return {
    ...(host === undefined ? {} : { node: host }),
    ...(netns === undefined ? {} : { netns }),
    ...(address ? { address } : {}),
    ...(port === undefined ? {} : { port }),
    wrong,
  }
}

/** `10.0.0.1`, `10.0.0.1:80`, `fd00::1`, `[fd00::1]`, `[fd00::1]:80`. Undefined if the text is none of these. */
export function addressAndPort(text: string): { address: Ip; port?: number } | undefined {
  const bare = parseIp(text)
  if (bare) return { address: bare }
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/.exec(text)
  const address = parseIp(parts?.[1] ?? parts?.[2] ?? '')
  if (!address || (parts?.[1] !== undefined && !address.includes(':'))) return undefined
  if (parts?.[3] === undefined) return { address }
  const port = Number(parts[3])
  return port <= 65535 ? { address, port } : undefined
}
