import { defineTarget } from '../extension.js'
import { readUint } from '../numbers.js'
import { BadValue, option } from '../options.js'
import { flag, outOfRange } from '../values.js'

/** Blinks a light; the packet walks on. */
export const ledTarget = defineTarget({
  name: 'LED',
  summary: 'blink a light, and go on',
  doc: '--led-delay is in milliseconds; `inf` leaves the light on for good.',
  kernel: 'net/netfilter/xt_LED.c led_tg()',
  options: {
    id: option<string>({
      flags: ['--led-trigger-id'],
      words: 1,
      required: true,
      read([word]) {
        // "netfilter-" is put before it in the kernel's 27 bytes
        if (word === '' || word!.length > 16)
          throw new BadValue(`a trigger id has 1 to 16 characters, not "${word}"`)
        return word!
      },
      print: id => [`"${id}"`],
    }),
    delay: option<number>({
      flags: ['--led-delay'],
      words: 1,
      read([word], _context, as) {
        if (word === 'inf') return -1
        const n = readUint(word!)
        if (Number.isNaN(n)) throw outOfRange(as, 0, 0xffffffff)
        return n
      },
      print: n => (n === 0 ? undefined : [n < 0 ? 'inf' : String(n)]),
    }),
    alwaysBlink: flag('--led-always-blink'),
  },
  act: () => ({ kind: 'continue' }),
})
