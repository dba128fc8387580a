import { defineMatch } from '../extension.js'
import { BadValue, option } from '../options.js'
import { notTold } from '../parts.js'

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

export const bpf = defineMatch({
  name: 'bpf',
  summary: 'a BPF program says whether the packet fits',
  doc: 'The program is kept and printed; nfsim does not run it.',
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
  ...notTold('BPF programs are not run'),
})
