import type { PacketTrace, TraceEvent } from '../trace/events.js'
import type { Zoom } from '../trace/zoom.js'
import { stage, tableRows } from './hook-rows.js'
import type { Row } from './rows.js'

type Decision = Extract<TraceEvent, { kind: 'rule' | 'policy' }>

/** One packet, hop by hop: where it came in, what each hook and table made of it, where it went. */
export function packetRows(packet: PacketTrace, zoom: Zoom): Row[] {
  const rows: Row[] = []
  let hook = ''
  let table = ''
  let group: Decision[] = []
  // the hook's name stands once, in front of the first thing that happens there
  const label = () => {
    const name = hook
    hook = ''
    return name
  }
  const flush = () => {
    if (group.length > 0) rows.push(...tableRows(label(), table, group, zoom === 'full'))
    group = []
  }
  for (const event of packet.events) {
    if (event.kind === 'rule' || event.kind === 'policy') {
      if (group.length > 0 && event.table !== table) flush()
      table = event.table
      group.push(event)
      if (event.kind === 'policy' || zoom === 'full') flush()
      continue
    }
    flush()
    if (event.kind === 'hook') {
      hook = event.hook
      continue
    }
    rows.push(...eventRows(event, label))
  }
  flush()
  return rows
}

function eventRows(event: Exclude<TraceEvent, Decision>, hook: () => string): Row[] {
  switch (event.kind) {
    case 'hop':
      return [hopRow(event)]
    case 'transmit':
      return [stage('leaves by', event.iface, event.to === undefined ? '' : `to ${event.to}`)]
    case 'hook':
      return []
    case 'hook-skipped':
      return [stage(event.hook, 'skipped', event.because, { tone: 'warn' })]
    case 'tried':
      return [
        stage(hook(), event.table, `${event.chain} ${event.number} no match: ${event.because}`, {
          tone: 'dim',
          hang: 2,
        }),
      ]
    case 'return':
      return [stage(hook(), event.table, `${event.chain} ${event.number} RETURN`, { tone: 'dim' })]
    case 'table-skipped':
      return [stage(hook(), event.table, `not consulted: ${event.because}`, { tone: 'dim' })]
    case 'rewrite':
      return [
        stage(hook(), 'rewrite', `${event.field} ${event.from} -> ${event.to}   (${event.by})`, {
          tone: 'change',
          hang: 2,
        }),
      ]
    case 'mark': {
      const what = event.what === 'packet' ? 'mark' : 'ctmark'
      return [
        stage(hook(), what, `${hex(event.from)} -> ${hex(event.to)}   (${event.by})`, {
          tone: 'change',
        }),
      ]
    }
    case 'conntrack': {
      const which = event.id === undefined ? '' : ` #${event.id}`
      const tone = event.action === 'invalid' || event.action === 'drop' ? 'bad' : 'plain'
      return [stage(hook(), 'conntrack', `${event.action}${which}: ${event.because}`, { tone, hang: 2 })]
    }
    case 'nat':
      return event.nullBinding
        ? [stage(hook(), 'nat', `${event.manip} stays as it is: ${event.because}`, { tone: 'dim' })]
        : [
            stage(
              hook(),
              'nat',
              `#${event.id} ${event.manip} ${event.from} -> ${event.to}: ${withoutRule(event.because)}`,
              {
                tone: 'change',
                hang: 2,
              },
            ),
          ]
    case 'route':
      return [stage('route', event.result, event.because, { hang: 2 })]
    case 'rp-filter':
      return [
        stage('rp_filter', event.ok ? 'passes' : 'fails', event.because, { tone: event.ok ? 'dim' : 'bad' }),
      ]
    case 'bridge':
      return [
        stage('bridge', event.bridge, `${event.action}: ${event.because}`, {
          tone: event.action === 'refused' ? 'bad' : 'plain',
          hang: 2,
        }),
      ]
    case 'neighbour':
      return [
        stage('neighbour', event.dev, event.because, {
          tone: event.mac === undefined ? 'warn' : 'dim',
          hang: 2,
        }),
      ]
    case 'ipvs':
      return [
        stage(hook(), 'ipvs', `${event.action}: ${event.because}`, {
          tone: event.action === 'drop' ? 'bad' : 'plain',
          hang: 2,
        }),
      ]
    case 'encap':
    case 'decap':
      return [stage(event.kind, event.dev, event.because, { hang: 2 })]
    case 'makes':
      return [stage('answers', '', `${event.packet}: ${event.because}`, { hang: 2 })]
    case 'choice': {
      const taken = event.options[event.taken] ?? '?'
      return [
        stage(
          hook(),
          'choice',
          `${event.name}: takes ${taken}, number ${event.taken} of 0-${event.options.length - 1}`,
          {
            tone: 'warn',
            hang: 2,
          },
        ),
      ]
    }
    case 'assume':
      return [stage('assumed', '', `${event.about}: ${event.because}`, { tone: 'warn', hang: 2 })]
    case 'delivered':
      return [stage('delivered', '', `${event.to}: ${event.because}`, { tone: 'good', hang: 2 })]
    case 'dropped':
      return [
        stage('DROPPED', '', `${event.reason}: ${event.because}`, { tone: 'bad', labelTone: 'bad', hang: 2 }),
      ]
  }
}

function hopRow(event: Extract<TraceEvent, { kind: 'hop' }>): Row {
  const how =
    event.born !== undefined ? `born here: ${event.born}` : event.iface ? `in by ${event.iface}` : ''
  return { indent: 2, labels: [[event.netns, 15]], text: how, labelTone: 'strong', tone: 'dim' }
}

const hex = (mark: number): string => `0x${mark.toString(16)}`

/** The rule itself is quoted in the line above. */
const withoutRule = (because: string): string => because.replace(/: -A .*$/s, '')
