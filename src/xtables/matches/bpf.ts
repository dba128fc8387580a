import type { Arg } from '../../model/ruleset.js'
import { packetBytes } from '../../skb/packet-bytes.js'
import { defineMatch } from '../extension.js'
import { BadValue, option } from '../options.js'
import { allOf, isnt, part } from '../parts.js'
import { type Instruction, runBpf } from './bpf-program.js'

/** `4,48 0 0 9,21 0 1 6,…`: the number of instructions, then four numbers each. */
function readProgram(word: string): string {
  const [count, ...instructions] = word.split(',')
  if (!/^\d{1,2}$/.test(count!) || Number(count) < 1 || Number(count) > 64)
    throw new BadValue('bpf: program length must be between 1 and 64')
  const body = instructions.at(-1)?.trim() === '' ? instructions.slice(0, -1) : instructions
  if (body.length !== Number(count))
    throw new BadValue(`bpf: parsed program length is ${body.length}, not ${count}`)
  const lines = body.map(line => {
    const numbers = /^\s*(\d{1,5})\s+(\d{1,3})\s+(\d{1,3})\s+(\d{1,10})\s*$/.exec(line)
    if (!numbers) throw new BadValue(`bpf: "${line}" is no instruction`)
    return numbers.slice(1, 5).map(Number).join(' ')
  })
  return [count, ...lines].join(',')
}

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd } as const

const instructionsOf = (program: string): Instruction[] =>
  program
    .split(',')
    .slice(1)
    .map(line => line.split(' ').map(Number))
    .map(([code = 0, jt = 0, jf = 0, k = 0]) => ({ code, jt, jf, k }))

export const bpf = defineMatch({
  name: 'bpf',
  summary: 'a BPF program says whether the packet fits',
  doc: 'The bytes that it reads begin with the IP header; it fits if the program returns anything but 0. What a simulation does not know (sequence numbers, checksums, data without --payload, the CPU) makes it unknown where the answer hangs on it. Programs of the pinned kind are not in a dump.',
  kernel: 'net/netfilter/xt_bpf.c bpf_mt()',
  options: {
    bytecode: option<string>({
      flags: ['--bytecode'],
      words: 1,
      read: ([word]) => readProgram(word!),
      print: p => [`"${p}"`],
    }),
    pinned: option<string>({
      flags: ['--object-pinned'],
      words: 1,
      read: ([word]) => word!,
      print: p => [p],
    }),
  },
  check({ bytecode, pinned }) {
    if (bytecode && pinned) return 'option "--bytecode" cannot be used together with "--object-pinned".'
    return bytecode || pinned ? undefined : 'missing option --bytecode or --object-pinned'
  },
  ...allOf<{ readonly bytecode?: Arg<string> | undefined }>(({ skb }, { bytecode }) => {
    if (bytecode === undefined) return [part('unknown', false, () => 'a pinned program is not in the dump')]
    const { packet, mark } = skb
    const { bytes } = packetBytes(packet)
    const is = runBpf(instructionsOf(bytecode.value), { bytes, protocol: ETHERTYPE[packet.family], mark })
    const says =
      is === 'unknown'
        ? 'it asks for what is not told of the packet'
        : `the program says that it does ${isnt(is)}fit`
    return [part(is, false, () => says)]
  }),
})
