import type { Command } from 'commander'
import { TCP, type TcpFlagName } from '../model/packet.js'
import { didYouMean } from '../parse/problems.js'
import type { ConverseOptions } from '../talk/converse.js'
import type { Sends } from '../talk/sends.js'
import { UsageError } from './usage-error.js'

/** What the command line tells of the client's packets, as typed. */
export interface SendOptions {
  readonly payload?: string
  readonly tcpFlags?: string
  readonly mark?: string
  readonly dscp?: string
  readonly uid?: string
  readonly gid?: string
  readonly now?: string
  readonly length?: string
}

export function addSendOptions(command: Command): Command {
  return command
    .option('--payload <text>', 'what the client asks with, as text or as 0x… in hex (-m string, -m u32)')
    .option('--length <bytes>', 'length of the packet that asks, IP header included')
    .option('--tcp-flags <flags>', "flags of the client's first segment, with commas (default: SYN)")
    .option('--mark <number>', "mark of the client's packets (SO_MARK)")
    .option('--dscp <value>', "DSCP of the client's packets, a number or a class: 0x2e, EF, AF11")
    .option('--uid <number>', 'user that the client runs as (-m owner)')
    .option('--gid <number>', 'group that the client runs as (-m owner)')
    .option('--now <time>', 'what time it is, in UTC: 2026-11-20T13:00 (-m time)')
}

/** The same for a conversation. @throws UsageError for what makes no sense */
export function sendsOf(options: SendOptions): Pick<ConverseOptions, 'sends' | 'epoch'> {
  const { payload, tcpFlags, mark, dscp, uid, gid, now, length } = options
  const owner = {
    ...(uid !== undefined && { uid: numberOf('--uid', uid, 0xfffffffe) }),
    ...(gid !== undefined && { gid: numberOf('--gid', gid, 0xfffffffe) }),
  }
  const sends: Sends = {
    ...(payload !== undefined && { data: dataOf(payload) }),
    ...(length !== undefined && { length: numberOf('--length', length, 65_535) }),
    ...(tcpFlags !== undefined && { tcpFlags: flagsOf(tcpFlags) }),
    ...(mark !== undefined && { mark: numberOf('--mark', mark, 0xffffffff) }),
    ...(dscp !== undefined && { tos: dscpOf(dscp) << 2 }),
    ...(Object.keys(owner).length > 0 && { owner }),
  }
  return {
    ...(Object.keys(sends).length > 0 && { sends }),
    ...(now !== undefined && { epoch: timeOf(now) }),
  }
}

function numberOf(flag: string, text: string, most: number): number {
  const number = /^(\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(text) ? Number(text) : Number.NaN
  if (number <= most) return number
  throw new UsageError('bad-number', `error: ${flag} ${text}: expected a number from 0 to ${most}`)
}

/** More than this does not go into one packet of usual networks; longer data is cut up, which nobody looks at here. */
const MOST_DATA = 65_000

function dataOf(text: string): string {
  const hex = /^0x((?:[0-9a-fA-F]{2})+)$/.exec(text)?.[1]
  const data =
    hex === undefined
      ? [...new TextEncoder().encode(text)].map(byte => String.fromCharCode(byte)).join('')
      : hex.replace(/../g, pair => String.fromCharCode(Number.parseInt(pair, 16)))
  if (data !== '' && data.length <= MOST_DATA) return data
  const message = `error: --payload: expected 1 to ${MOST_DATA} bytes, there are ${data.length}`
  throw new UsageError('bad-payload', message)
}

function flagsOf(text: string): number {
  if (text.toUpperCase() === 'NONE') return 0
  return text.split(',').reduce((bits, word) => {
    const name = word.trim().toUpperCase()
    if (!Object.hasOwn(TCP, name)) {
      const names = Object.keys(TCP)
      const message = `error: --tcp-flags ${word}: expected ${names.join(', ')} or NONE${didYouMean(name, names)}`
      throw new UsageError('bad-flags', message)
    }
    return bits | TCP[name as TcpFlagName]
  }, 0)
}

function dscpOf(text: string): number {
  const name = text.toUpperCase()
  const [, selector] = /^CS([0-7])$/.exec(name) ?? []
  if (selector !== undefined) return Number(selector) << 3
  const [, forwarding, drop] = /^AF([1-4])([1-3])$/.exec(name) ?? []
  if (forwarding !== undefined) return (Number(forwarding) << 3) | (Number(drop) << 1)
  if (name === 'EF') return 0x2e
  if (name === 'BE') return 0
  if (/^[A-Z]/.test(name))
    throw new UsageError('bad-dscp', `error: --dscp ${text}: expected 0-63, BE, EF, CS0-CS7 or AF11-AF43`)
  return numberOf('--dscp', text, 63)
}

/** `2026-11-20`, `2026-11-20T13:00[:05]`, with `Z` or without: seconds since 1970. */
function timeOf(text: string): number {
  const [, date = '', time = '00:00'] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?Z?$/.exec(text) ?? []
  const stamp = Date.parse(`${date}T${time}Z`)
  if (date !== '' && !Number.isNaN(stamp)) return stamp / 1000
  throw new UsageError('bad-time', `error: --now ${text}: expected a time in UTC, as 2026-11-20T13:00`)
}
