import {
  bitAnd,
  bitOr,
  bitXor,
  isTold,
  most,
  readWord,
  shiftLeft,
  shiftRight,
  told,
  UNTOLD,
  type Word,
} from '../known-bits.js'
import type { Truth } from '../extension.js'

/** What a classic BPF program sees of a packet: struct sk_buff, from its IP header on. */
export interface Seen {
  readonly bytes: readonly (number | undefined)[]
  /** ETH_P_IP, ETH_P_IPV6. */
  readonly protocol: number
  readonly mark: number
}

/** One instruction of a program: struct sock_filter. */
export interface Instruction {
  readonly code: number
  readonly jt: number
  readonly jf: number
  readonly k: number
}

/** A, X and the scratch memory between two instructions. */
interface Machine {
  readonly a: Word
  readonly x: Word
  readonly memory: ReadonlyMap<number, Word>
}

/** BPF_CLASS() of linux/bpf_common.h, which names the rest too. */
const CLASS = ['LD', 'LDX', 'ST', 'STX', 'ALU', 'JMP', 'RET', 'MISC'] as const
/** BPF_SIZE(): bytes, by bits 3 and 4. */
const SIZE = [4, 2, 1] as const
/** BPF_OP(), by the upper half. */
const ALU = ['ADD', 'SUB', 'MUL', 'DIV', 'OR', 'AND', 'LSH', 'RSH', 'NEG', 'MOD', 'XOR'] as const
const JMP = ['JA', 'JEQ', 'JGT', 'JGE', 'JSET'] as const
const MODE = { imm: 0x00, abs: 0x20, ind: 0x40, mem: 0x60, len: 0x80, msh: 0xa0 } as const
const BPF_X = 0x08
const RVAL_A = 0x10
const TXA = 0x80

/** linux/filter.h: offsets that are none: of what the kernel knows besides (SKF_AD_OFF), of the network header (SKF_NET_OFF). */
const SKF_AD_OFF = -0x1000
const SKF_NET_OFF = -0x10_0000
const SKF_AD_PROTOCOL = 0
const SKF_AD_MARK = 20

/** Jumps that hang on what is not known: so many are followed both ways. */
const MOST_FORKS = 8

/** bpf_prog_run() (net/netfilter/xt_bpf.c): whatever but 0 fits. What lies beyond the end of the packet ends the program with 0. */
export const runBpf = (program: readonly Instruction[], seen: Seen): Truth =>
  run(program, seen, 0, { a: told(0), x: told(0), memory: new Map() }, MOST_FORKS)

function run(
  program: readonly Instruction[],
  seen: Seen,
  from: number,
  before: Machine,
  forks: number,
): Truth {
  let m = before
  for (let at = from; at < program.length; at++) {
    const instruction = program[at]!
    const { code, jt, jf, k } = instruction
    const operand = code & BPF_X ? m.x : told(k)
    switch (CLASS[code & 7]) {
      case 'LD':
      case 'LDX': {
        const loaded = load(instruction, m, seen)
        if (typeof loaded !== 'object') return loaded
        m = (code & 7) === 0 ? { ...m, a: loaded } : { ...m, x: loaded }
        break
      }
      case 'ST':
        m = { ...m, memory: new Map(m.memory).set(k, m.a) }
        break
      case 'STX':
        m = { ...m, memory: new Map(m.memory).set(k, m.x) }
        break
      case 'ALU': {
        const result = compute(ALU[code >> 4], m.a, operand)
        if (typeof result !== 'object') return result
        m = { ...m, a: result }
        break
      }
      case 'JMP': {
        const test = JMP[code >> 4]
        if (test === 'JA') {
          at += k
          break
        }
        const taken = compare(test, m.a, operand)
        if (taken === 'unknown') {
          if (forks === 0) return 'unknown'
          const [yes, no] = [jt, jf].map(far => run(program, seen, at + 1 + far, m, forks - 1))
          return yes === no ? yes! : 'unknown'
        }
        at += taken ? jt : jf
        break
      }
      case 'RET': {
        const { value, known } = (code & 0x18) === RVAL_A ? m.a : operand
        return value !== 0 ? true : isTold({ value, known }) ? false : 'unknown'
      }
      case 'MISC':
        m = code & TXA ? { ...m, a: m.x } : { ...m, x: m.a }
    }
  }
  return 'unknown'
}

/** The number that an instruction loads; or what the program ends with: false beyond the packet, unknown if nobody knows where. */
function load({ code, k }: Instruction, { x, memory }: Machine, seen: Seen): Word | Truth {
  const size = SIZE[(code >> 3) & 3] ?? 4
  switch (code & 0xe0) {
    case MODE.imm:
      return told(k)
    case MODE.mem:
      return memory.get(k) ?? UNTOLD
    case MODE.len:
      return told(seen.bytes.length)
    case MODE.msh: {
      const byte = readWord(seen.bytes, k, 1)
      return byte ? shiftLeft(bitAnd(byte, told(0xf)), 2) : false
    }
    case MODE.abs:
      return fetch(k | 0, size, seen)
    case MODE.ind:
      return isTold(x) ? fetch((x.value + k) | 0, size, seen) : 'unknown'
  }
  return 'unknown'
}

function fetch(offset: number, size: number, seen: Seen): Word | Truth {
  if (offset >= 0) return readWord(seen.bytes, offset, size) ?? false
  if (offset === SKF_AD_OFF + SKF_AD_PROTOCOL) return told(seen.protocol)
  if (offset === SKF_AD_OFF + SKF_AD_MARK) return told(seen.mark)
  if (offset >= SKF_AD_OFF) return UNTOLD
  // behind these: the header of the frame, which not every packet has here
  return offset >= SKF_NET_OFF ? (readWord(seen.bytes, offset - SKF_NET_OFF, size) ?? false) : 'unknown'
}

/** The new A. Division by an X of 0 ends the program with 0. */
function compute(operator: (typeof ALU)[number] | undefined, a: Word, b: Word): Word | Truth {
  switch (operator) {
    case 'OR':
      return bitOr(a, b)
    case 'AND':
      return bitAnd(a, b)
    case 'XOR':
      return bitXor(a, b)
    case 'LSH':
      return isTold(b) ? shiftLeft(a, b.value & 31) : UNTOLD
    case 'RSH':
      return isTold(b) ? shiftRight(a, b.value & 31) : UNTOLD
    case 'DIV':
    case 'MOD':
      if (!isTold(b)) return 'unknown'
      if (b.value === 0) return false
  }
  if (!isTold(a) || !isTold(b)) return UNTOLD
  const [x, y] = [a.value, b.value]
  switch (operator) {
    case 'ADD':
      return told(x + y)
    case 'SUB':
      return told(x - y)
    case 'MUL':
      return told(Math.imul(x, y))
    case 'DIV':
      return told(Math.floor(x / y))
    case 'NEG':
      return told(-x)
    case 'MOD':
      return told(x % y)
  }
  return 'unknown'
}

/** JEQ, JGT, JGE, JSET: some are decided by the bits that are known. */
function compare(operator: (typeof JMP)[number] | undefined, a: Word, b: Word): Truth {
  const decided = (yes: boolean, no: boolean): Truth => (yes ? true : no ? false : 'unknown')
  const both = a.known & b.known
  switch (operator) {
    case 'JEQ':
      return decided(isTold(a) && isTold(b) && a.value === b.value, ((a.value ^ b.value) & both) !== 0)
    case 'JGT':
      return decided(a.value > most(b), most(a) <= b.value)
    case 'JGE':
      return decided(a.value >= most(b), most(a) < b.value)
    case 'JSET':
      return decided((a.value & b.value) !== 0, bitAnd(a, b).value === 0 && isTold(bitAnd(a, b)))
  }
  return 'unknown'
}
