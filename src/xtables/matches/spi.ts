import type { Packet } from '../../model/packet.js'
import type { Arg } from '../../model/ruleset.js'
import { hasTransport, isnt, type Part, part } from '../parts.js'
import { inRange, type Range, rangeText } from '../values.js'

/** The parts of a match that looks at the index of an IPsec or IPComp header; a later fragment fits nothing. */
export function spiParts(
  header: 'ESP' | 'AH' | 'IPComp',
  packet: Packet,
  asked: Arg<Range> | undefined,
): Part[] {
  if (!hasTransport(packet))
    return [
      part(false, false, () => `it is a second or further fragment, its ${header} header cannot be seen`),
    ]
  if (!asked) return [part(true, false, () => `it is an ${header} packet`)]
  return [spiPart(header === 'IPComp' ? 'CPI' : 'SPI', packet.spi, asked)]
}

export function spiPart(what: 'SPI' | 'CPI', seen: number | undefined, { value, not }: Arg<Range>): Part {
  const raw = seen === undefined ? 'unknown' : inRange(seen, value)
  return part(raw, not, () =>
    seen === undefined
      ? `the ${what} of the packet is not told`
      : `${what} ${seen} is ${isnt(raw)}${rangeText(value)}`,
  )
}
