import type { Ip } from '../values/ip.js'
import type { Mac } from '../values/mac.js'
import { permanentEntry } from '../world/neighbour.js'
import type { Space } from '../world/space.js'
import type { RunState } from './run-state.js'

/** Goes on with a packet once the address is known, or known not to be found out. */
type Resume = (mac: Mac | undefined) => void

/** What a namespace has learned of its neighbours in this run (struct neigh_table), device by device. */
export class NeighbourCache {
  private readonly macs = new Map<string, Mac>()
  /** NUD_STALE, then NUD_DELAY: they asked, and have not been asked back yet (delay_first_probe_time). */
  private readonly unconfirmed = new Set<string>()
  /** neigh->hh: frames' headers that are kept ready. */
  private readonly headers = new Set<string>()
  /** Entries that are not resolved yet (NUD_INCOMPLETE), and what waits for them: neigh->arp_queue. */
  private readonly queues = new Map<string, Resume[]>()

  macOf(dev: string, address: Ip): Mac | undefined {
    return this.macs.get(keyOf(dev, address))
  }
  isAsked(dev: string, address: Ip): boolean {
    return this.queues.has(keyOf(dev, address))
  }
  /** The question goes out. */
  ask(dev: string, address: Ip): void {
    this.queues.set(keyOf(dev, address), [])
  }
  /** Queues one that waits, until the address is told, or `giveUp`. */
  wait(dev: string, address: Ip, resume: Resume): void {
    this.queues.get(keyOf(dev, address))?.push(resume)
  }
  /** It has answered. */
  confirm(dev: string, address: Ip, mac: Mac): void {
    this.unconfirmed.delete(keyOf(dev, address))
    this.tell(dev, address, mac)
  }
  /** It has asked, so it is known, though not for sure. */
  hear(dev: string, address: Ip, mac: Mac): void {
    const key = keyOf(dev, address)
    if (!this.headers.has(key)) this.unconfirmed.add(key)
    this.tell(dev, address, mac)
  }
  /** neigh_invalidate(). */
  giveUp(dev: string, address: Ip): void {
    this.release(keyOf(dev, address), undefined)
  }

  /**
   * neigh_hh_init(): with the first packet to a neighbour its frame's header is kept ready for the next ones; of one that
   * has asked us itself it is not used before that is confirmed (neigh_output(): NUD_CONNECTED).
   * @returns whether it was ready before
   */
  headerReady(dev: string, address: Ip): boolean {
    const key = keyOf(dev, address)
    const before = this.headers.has(key) && !this.unconfirmed.has(key)
    this.headers.add(key)
    return before
  }

  /** neigh_update(): whoever told; what waits for it goes on. */
  private tell(dev: string, address: Ip, mac: Mac): void {
    this.macs.set(keyOf(dev, address), mac)
    this.release(keyOf(dev, address), mac)
  }
  private release(key: string, mac: Mac | undefined): void {
    const queue = this.queues.get(key) ?? []
    this.queues.delete(key)
    for (const resume of queue) resume(mac)
  }
}

/**
 * neigh_event_ns(), ndisc_recv_ns(): whoever asks is known from then on. What somebody has typed in stays as it is
 * (neigh_update(): NUD_PERMANENT, NUD_NOARP).
 */
export function hearAsker(run: RunState, space: Space, dev: string, address: Ip, mac: Mac): void {
  if (permanentEntry(space, dev, address) === undefined) run.of(space.name).neighbours.hear(dev, address, mac)
}

const keyOf = (dev: string, address: Ip): string => `${dev}\0${address}`
