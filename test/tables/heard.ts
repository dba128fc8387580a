import type { Packet } from '../../src/model/packet.js'
import { difference } from './words.js'

export interface Heard {
  /** The end that heard it. */
  readonly at: string
  readonly packet: Packet
}

/** What was heard, in words: `server ttl=63; client icmp from=…`; `nothing`. Fields of chance are only said to be other. */
export function heardAs(heard: readonly Heard[], sent: Packet, chance: readonly string[] = []): string {
  const said = heard.map(({ at, packet }) => {
    const words = difference(packet, sent)
      .split(' ')
      .map(word => (chance.includes(word.split('=')[0]!) ? `${word.split('=')[0]}=*` : word))
    return [at, ...words].join(' ').trim()
  })
  return said.length === 0 ? 'nothing' : said.sort().join('; ')
}
