import type { Snapshot } from '../../model/snapshot.js'
import type { Finding } from '../../talk/conversation.js'

/** Something that may be wrong before any packet. Its page is what `nfsim lint --explain ID` prints. */
export interface LintCheck {
  readonly id: string
  /** One line: what is wrong. */
  readonly title: string
  /** Why it matters, when it does not, and what to do: a few sentences. */
  readonly page: string
  look(snapshot: Snapshot): Finding[]
}
