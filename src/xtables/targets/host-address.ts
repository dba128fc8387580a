import { type Family, familyOf, formatIp, type Ip, parseIp } from '../../values/ip.js'
import { readUint } from '../numbers.js'
import { BadValue, type OptionSpec } from '../options.js'

/**
 * An address where the tool would take a host name too, so it reads it as inet_aton(3) does: up to four numbers,
 * the last one filling what is left (`10.1` is 10.0.0.1). Names are refused, what they mean can't be known.
 * @throws BadValue
 */
export function readHost(word: string, family: Family): Ip {
  const address = family === 'ipv4' ? inetAton(word) : parseIp(word)
  if (address === undefined || familyOf(address) !== family)
    throw new BadValue(`"${word}" is no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`)
  return address
}

/** inet_aton(3); undefined if the word is no such address. */
export function inetAton(word: string): Ip | undefined {
  const parts = word.split('.')
  if (parts.length > 4) return undefined
  const last = readUint(parts.at(-1)!, 256 ** (5 - parts.length) - 1)
  let out = last
  for (const [i, part] of parts.slice(0, -1).entries()) out += readUint(part, 255) * 256 ** (3 - i)
  return Number.isNaN(out) ? undefined : formatIp([out])
}

/** One such address. */
export const hostAddress = (flag: string, required = false): OptionSpec<Ip> => ({
  flags: [flag],
  words: 1,
  ...(required && { required }),
  read: ([word], { family }) => readHost(word!, family),
  print: a => [a],
})
