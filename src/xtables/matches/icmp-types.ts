import { readUint } from '../numbers.js'
import { BadValue } from '../options.js'
import type { Range } from '../values.js'

/** A type with the codes that belong to it. */
export interface IcmpTest {
  readonly type: number
  readonly code: Range
}
/** Names as iptables knows them: name, type, code (or none: all codes). */
export type IcmpNames = readonly (readonly [name: string, type: number, code?: number])[]

/** A name (any unambiguous beginning of one, any case), `type`, or `type/code`. @throws BadValue */
export function readIcmp(word: string, names: IcmpNames, what: string): IcmpTest {
  const lower = word.toLowerCase()
  const fits = names.filter(([name]) => name.startsWith(lower))
  const exact = fits.find(([name]) => name === lower)
  if (!exact && fits.length > 1)
    throw new BadValue(`Ambiguous ${what} type \`${word}': \`${fits[0]![0]}' or \`${fits[1]![0]}'?`)
  const found = exact ?? fits[0]
  if (found && word !== '') {
    const [, type, code] = found
    return { type, code: code === undefined ? { from: 0, to: 255 } : { from: code, to: code } }
  }
  const slash = word.indexOf('/')
  const type = readUint(slash < 0 ? word : word.slice(0, slash), 255)
  if (Number.isNaN(type)) throw new BadValue(`Unknown ${what} type \`${word}'`)
  if (slash < 0) return { type, code: { from: 0, to: 255 } }
  const [low, high] = word.slice(slash + 1).split(':')
  const from = readUint(low!, 255)
  const to = high === undefined ? from : readUint(high, 255)
  if (Number.isNaN(from) || Number.isNaN(to)) throw new BadValue(`Unknown ${what} code \`${word}'`)
  return { type, code: { from, to } }
}

/** `type`, or `type/code`: a range of codes is printed by its first, as the tool does. */
export const icmpText = ({ type, code }: IcmpTest): string =>
  code.from === 0 && code.to === 255 ? `${type}` : `${type}/${code.from}`
