import type { Conversation } from '../talk/conversation.js'
import type { Parting } from '../trace/diff.js'
import type { TraceEvent } from '../trace/events.js'
import { labelled, layout, type Paint, plain, type Row } from './rows.js'

/** An experiment as it is shown: what was changed, and how the same question is answered before and after. */
export interface WhatIfView {
  readonly title: string
  readonly commands: readonly string[]
  readonly undo: readonly string[]
  readonly before: Conversation
  readonly after: Conversation
  readonly parting?: Parting | undefined
}

export interface ViewOptions {
  readonly columns: number
  readonly paint?: Paint
}

/** Both outcomes, and the first step at which the two conversations part. */
export function renderWhatIf(view: WhatIfView, { columns, paint = plain }: ViewOptions): string {
  const { before, after } = view
  const rows: Row[] = [
    { indent: 0, text: `what if: ${view.title}`, tone: 'strong', hang: 2 },
    ...view.commands.map(command => labelled('change', command)),
    ...view.undo.map(command => labelled('undo', command, { tone: 'dim' })),
    labelled('before', `${before.outcome}: ${before.because}`, { tone: toneOf(before) }),
    labelled('after', `${after.outcome}: ${after.because}`, { tone: toneOf(after) }),
  ]
  const { parting } = view
  if (!parting) rows.push(labelled('', 'both conversations take the same steps'))
  else {
    const packet = (parting.before ? before : after).packets[parting.packet]
    rows.push(labelled('they part', `at packet ${parting.packet + 1}: ${packet?.summary ?? ''}`))
    rows.push(labelled('  before', eventWords(parting.before), { tone: 'dim' }))
    rows.push(labelled('  after', eventWords(parting.after)))
  }
  return `${layout(rows, columns, paint)}\n`
}

const toneOf = (talk: Conversation) =>
  talk.outcome === 'ok' ? 'good' : talk.outcome === 'unknown' ? 'warn' : 'bad'

/** One step in words. */
export function eventWords(event: TraceEvent | undefined): string {
  if (!event) return 'the packet is not there, or has ended'
  const at = `${event.netns}: `
  switch (event.kind) {
    case 'rule':
      return `${at}${event.table} ${event.chain} ${event.number} ${event.verdict}: ${event.text}`
    case 'policy':
      return `${at}policy of ${event.table} ${event.chain}: ${event.verdict}`
    case 'rewrite':
      return `${at}${event.field} ${event.from} -> ${event.to} (${event.by})`
    case 'mark':
      return `${at}mark 0x${event.from.toString(16)} -> 0x${event.to.toString(16)} (${event.by})`
    case 'hook':
      return `${at}hook ${event.hook}${event.bridged ? ' (bridged)' : ''}`
    case 'hook-skipped':
      return `${at}${event.hook} is skipped: ${event.because}`
    case 'hop':
      return `${at}${event.packet}${event.iface === undefined ? '' : ` comes in by ${event.iface}`}`
    case 'transmit':
      return `${at}${event.packet} leaves by ${event.iface}`
    case 'route':
      return `${at}route ${event.result}: ${event.because}`
    case 'dropped':
      return `${at}dropped (${event.reason}): ${event.because}`
    case 'delivered':
      return `${at}delivered to ${event.to}`
    case 'choice':
      return `${at}${event.name}: ${event.options[event.taken] ?? '?'}`
    case 'return':
    case 'tried':
      return `${at}${event.table} ${event.chain} ${event.number}: ${event.text}`
    default:
      return `${at}${event.kind}${'because' in event ? `: ${event.because}` : ''}`
  }
}
