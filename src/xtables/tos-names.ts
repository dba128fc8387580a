/** RFC 1349 names. They stand for bits of the old field of six bits: the two highest are left alone. */
const NAMES = new Map([
  ['minimize-delay', 0x10],
  ['maximize-throughput', 0x08],
  ['maximize-reliability', 0x04],
  ['minimize-cost', 0x02],
  ['normal-service', 0x00],
])
const NAME_MASK = 0x3f

interface TosMask {
  readonly value: number
  readonly mask: number
}

/** What a name of the TOS byte stands for. */
export function namedTos(word: string): TosMask | undefined {
  const value = NAMES.get(word.toLowerCase())
  return value === undefined ? undefined : { value, mask: NAME_MASK }
}

/** `0x10` */
export const tosText = (n: number): string => `0x${n.toString(16).padStart(2, '0')}`
/** `0x10/0x3f` */
export const tosMaskText = ({ value, mask }: TosMask): string => `${tosText(value)}/${tosText(mask)}`
