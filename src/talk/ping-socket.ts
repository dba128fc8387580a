import type { Space } from '../world/space.js'

/** Who may open ping sockets (SOCK_DGRAM), of both families: the first and the last group. */
export const PING_GROUPS = 'net.ipv4.ping_group_range'

/** ping_init_sock(): `ping` takes a ping socket where it may, and a raw one where it may not. A fresh kernel lets nobody. */
export function pingSocketFor(space: Space, gid: number): boolean {
  const [from = 1, to = 0] = (space.sysctl(PING_GROUPS) ?? '').trim().split(/\s+/).filter(Boolean).map(Number)
  return gid >= from && gid <= to
}
