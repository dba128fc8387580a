import { defineTarget } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { flag, type Range, uint16 } from '../values.js'
import { given } from './given.js'

/** Hands the packet to a program that decides. */
export const nfqueueTarget = defineTarget({
  name: 'NFQUEUE',
  summary: 'let a program in user space decide about the packet',
  doc: `What the program says can't be known from rules. With no program listening the packet is dropped, or goes on with
--queue-bypass.`,
  kernel: 'net/netfilter/xt_NFQUEUE.c nfqueue_tg_v3()',
  options: {
    num: uint16('--queue-num'),
    balance: option<Range>({
      flags: ['--queue-balance'],
      words: 1,
      read([word], _context, as) {
        const [low, high, more] = word!.split(':')
        if (high === undefined || more !== undefined) throw new BadValue(`"${word}" is no range FIRST:LAST`)
        const from = low === '' ? 0 : readUint(low!, 0xffff)
        const to = high === '' ? 0xffff : readUint(high, 0xffff)
        if (Number.isNaN(from) || Number.isNaN(to))
          throw new BadValue(`bad value for option "${as}" near "${word}", or out of range (0-65535)`)
        if (from >= to) throw new BadValue(`${from} should be less than ${to}`)
        // the kernel counts the queues in 16 bits
        if (from === 0 && to === 0xffff) throw new BadValue('65536 queues are one too many')
        return { from, to }
      },
      print: r => [`${r.from}:${r.to}`],
    }),
    bypass: flag('--queue-bypass'),
    cpuFanout: flag('--queue-cpu-fanout'),
  },
  check(args) {
    if (args.num && args.balance) return 'option "--queue-num" cannot be used together with "--queue-balance"'
    if (args.cpuFanout && !args.balance) return 'option "--queue-cpu-fanout" also requires "--queue-balance"'
    return undefined
  },
  complete: args => (args.num || args.balance ? args : { ...args, num: given(0) }),
  act(_env, { num, balance, bypass }) {
    const queue = balance
      ? `one of the queues ${balance.value.from} to ${balance.value.to}`
      : `queue ${num?.value ?? 0}`
    const lone = bypass ? 'it goes on if no program listens' : 'it is dropped if no program listens'
    return { kind: 'verdict', verdict: 'QUEUE', because: `${queue} decides; ${lone}` }
  },
})
