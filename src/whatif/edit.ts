import type { Netns, Snapshot } from '../model/snapshot.js'

/** Where in a tree of plain data something is put; `undefined` as the value takes it away. */
export interface Change {
  readonly path: readonly (string | number)[]
  readonly value: unknown
}

/** An edit, once it has looked at the snapshot: what it will write, and how it is said and taken back on a node. */
export interface Plan {
  readonly title: string
  readonly changes: readonly Change[]
  /** As typed into a shell; `# on NODE` behind it where the snapshot has more than one. */
  readonly commands: readonly string[]
  readonly undo: readonly string[]
}

/** A change to the world, as a value. */
export interface Edit {
  readonly title: string
  /** Reads, and writes nothing. @throws InputError if the edit does not fit the snapshot */
  plan(snapshot: Snapshot): Plan
}

/** What a command does to one namespace; paths begin at the namespace. */
export interface NetnsPlan {
  readonly changes: readonly Change[]
  /** Commands that bring the old state back, first one first. */
  readonly undo: readonly string[]
}

/** A command, read: what it would do to a namespace. @throws InputError if it can't be done there */
export type Command = (netns: Netns, snapshot: Snapshot) => NetnsPlan

/** Where a command stands, for messages. */
export interface CommandPlace {
  readonly file: string
  readonly line: number
  readonly source: string
}
