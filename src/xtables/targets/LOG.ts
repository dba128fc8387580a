import { defineTarget } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { flag } from '../values.js'
import { logPrefix } from './log-prefix.js'

/** syslog(3) levels by name; `panic` is an older word for `emerg`. */
const LEVELS = new Map([
  ['emerg', 0],
  ['panic', 0],
  ['alert', 1],
  ['crit', 2],
  ['error', 3],
  ['warning', 4],
  ['notice', 5],
  ['info', 6],
  ['debug', 7],
])
const DEFAULT_LEVEL = 4

/** Writes a line to the kernel log; the packet walks on. */
export const logTarget = defineTarget({
  name: 'LOG',
  summary: 'write a line to the kernel log and go on',
  doc: 'Changes nothing about the packet. Inside a container the kernel may keep such lines back (nf_log_all_netns).',
  kernel: 'net/netfilter/xt_LOG.c log_tg()',
  options: {
    prefix: logPrefix('--log-prefix', 29),
    level: option<number>({
      flags: ['--log-level'],
      words: 1,
      read([word]) {
        const n = readUint(word!, 7)
        const level = Number.isNaN(n) ? LEVELS.get(word!) : n
        if (level === undefined) throw new BadValue(`log level "${word}" unknown`)
        return level
      },
      print: n => (n === DEFAULT_LEVEL ? undefined : [String(n)]),
    }),
    tcpSequence: flag('--log-tcp-sequence'),
    tcpOptions: flag('--log-tcp-options'),
    ipOptions: flag('--log-ip-options'),
    uid: flag('--log-uid'),
    macdecode: flag('--log-macdecode'),
  },
  act: () => ({ kind: 'continue' }),
})
