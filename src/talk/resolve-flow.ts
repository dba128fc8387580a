import type { Netns, Snapshot } from '../model/snapshot.js'
import {
  isUnknown,
  namespacesOf,
  ownerOf,
  primaryAddress,
  type ResolvedEndpoint,
  resolveEndpoint,
} from '../snapshot/names.js'
import { isUnspecified } from '../run/here.js'
import { familyOf, ip } from '../values/ip.js'
import type { Flow, ResolvedFlow } from './conversation.js'

/** A name in a question that the snapshot doesn't have, or a question that lacks something. */
export class UnknownName extends Error {
  override readonly name = 'UnknownName'
  readonly code = 'unknown-name'
  readonly exitCode = 2
  constructor(
    message: string,
    readonly suggestions: readonly string[] = [],
  ) {
    super(message)
  }
}

/** Source port where the question gives none: in the range of ip_local_port_range, and easy to recognise. */
const DEFAULT_SPORT = 41000

/** Turns names into namespaces and addresses. @throws UnknownName */
export function resolveFlow(snapshot: Snapshot, flow: Flow): ResolvedFlow {
  const proto = flow.proto ?? 'tcp'
  const from = resolve(snapshot, 'src', flow.src)
  const to = resolve(snapshot, 'dst', flow.dst)
  const netns = from.netns === undefined ? undefined : namespacesOf(snapshot).find(n => n.name === from.netns)
  if (!netns)
    throw new UnknownName(
      `${flow.src}: no namespace of the snapshot has this address, so nothing can be sent from it`,
    )
  const named = to.address ?? addressOf(snapshot, to, from.address)
  // connect(2) takes "any address" for this machine (ip_route_output_key_hash_rcu(), tcp_v6_connect())
  const dst =
    named !== undefined && isUnspecified(named)
      ? (from.address ?? ip(familyOf(named) === 'ipv4' ? '127.0.0.1' : '::1'))
      : named
  if (dst === undefined) throw new UnknownName(`${flow.dst}: this namespace has no address of its own`)
  const dport = flow.dport ?? to.port
  if (dport === undefined && proto !== 'icmp')
    throw new UnknownName(`which ${proto} port of ${flow.dst}? Say it with --dport, or as ${flow.dst}:PORT`)
  // an address as the source is bound; a name leaves the choice to the kernel
  const bind =
    from.address !== undefined && ownerOf(snapshot, from.address)?.name === netns.name
      ? from.address
      : undefined
  if (bind !== undefined && familyOf(bind) !== familyOf(dst))
    throw new UnknownName(`${flow.src} and ${flow.dst} are of different families`)
  return {
    asked: flow,
    netns: netns.name,
    ...(bind === undefined ? {} : { bind }),
    dst,
    proto,
    sport: flow.sport ?? from.port ?? DEFAULT_SPORT,
    dport: dport ?? 0,
    ...(flow.payload === undefined ? {} : { payload: flow.payload }),
  }
}

function resolve(snapshot: Snapshot, flag: string, text: string): ResolvedEndpoint {
  const found = resolveEndpoint(snapshot, text)
  if (isUnknown(found)) throw new UnknownName(`--${flag}: ${found.error}`, found.suggestions)
  return found
}

const addressOf = (snapshot: Snapshot, to: ResolvedEndpoint, from: ResolvedEndpoint['address']) => {
  const netns: Netns | undefined = namespacesOf(snapshot).find(n => n.name === to.netns)
  return netns && primaryAddress(netns, from === undefined ? undefined : familyOf(from))
}
