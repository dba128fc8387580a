import type { DropReason } from '../trace/events.js'
import type { Errno } from '../routing/fib.js'
import type { Here } from '../run/here.js'
import type { Skb } from '../skb/skb.js'
import type { End } from '../world/world.js'

/** A stage of the path. The files of this folder, in walking order. */
export type RoomName =
  | 'device-in'
  | 'bridge-in'
  | 'bridge-switch'
  | 'bridge-forward'
  | 'bridge-out'
  | 'ip-in'
  | 'route-in'
  | 'local-in'
  | 'forward'
  | 'local-out'
  | 'ip-out'
  | 'neighbour'
  | 'device-out'

/** Where a packet goes from here. Only these; nothing else moves it. */
export type Next<Door extends RoomName = RoomName> =
  /** Through a door, about a device: the one that it came in by, or is to leave by. `unheard`: what becomes of it, its program does not hear. */
  | { readonly to: Door; readonly skb: Skb; readonly dev: string; readonly unheard?: true }
  /** A frame is flooded: every copy goes its own way. */
  | { readonly each: readonly Next<Door>[] }
  /** Over a cable to devices of other namespaces. */
  | { readonly cross: readonly End[]; readonly skb: Skb }
  /** On in another namespace of the same machine, where the device lies that this one lies on. */
  | {
      readonly into: string
      readonly room: 'device-out' | 'local-out'
      readonly skb: Skb
      readonly dev: string
    }
  /** It is queued, until something calls `resume` with where it goes on. */
  | { readonly waits: (resume: (then: Next<Door>) => void) => void }
  | {
      readonly dropped: DropReason
      readonly because: string
      readonly errno?: Errno
      /** The program that sent it here does not hear of it. */
      readonly unheard?: true
    }
  /** A socket has it, or another packet carries it on. */
  | { readonly done: true }
  | { readonly unknown: string }

export interface Room<Door extends RoomName = RoomName> {
  readonly name: RoomName
  /** One line for the map. */
  readonly says: string
  readonly kernel: string
  readonly doors: readonly Door[]
  enter(skb: Skb, here: Here, dev: string): Next<Door>
}

/** A room whose ways out are declared: leaving by another door does not compile. */
export const room = <const Door extends RoomName>(r: {
  readonly name: RoomName
  readonly says: string
  readonly kernel: string
  readonly doors: readonly Door[]
  enter(skb: Skb, here: Here, dev: string): Next<NoInfer<Door>>
}): Room => r as unknown as Room
