import type { Conversation } from '../talk/conversation.js'
import { printable } from './escape.js'

/** What `conntrack -L` would print in each namespace; a heading names the namespace where there are several. */
export const renderConntrack = (talk: Conversation): string => lists(talk.conntrack)

/** What `ipvsadm -Lnc` prints above its connections. */
const IPVS_HEADING = [
  'IPVS connection entries',
  'pro expire state       source             virtual            destination',
]

/** What `ipvsadm -Lnc` would list, under the same headings of namespaces. */
export const renderIpvs = (talk: Conversation): string => lists(talk.ipvs, IPVS_HEADING)

function lists(byNetns: Readonly<Record<string, readonly string[]>>, above: readonly string[] = []): string {
  const all = Object.entries(byNetns).filter(([, lines]) => lines.length > 0)
  const blocks = all.map(([netns, lines]) =>
    [...(all.length > 1 ? [`# ${netns}`] : []), ...above, ...lines]
      .map(line => `${printable(line)}\n`)
      .join(''),
  )
  return blocks.join('')
}
