import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SCHEDULERS } from '../../src/ipvs/schedulers/index.js'
import type { VirtualService } from '../../src/model/ipvs.js'
import { ip } from '../../src/values/ip.js'

/**
 * Which server each of 24 datagrams went to on Linux 6.1 (`ipvsadm -Lnc`). Servers were added in reverse, so the
 * kernel's list is that of `w`. `base` is the first source port; one scheduler was given 24 services.
 */
interface Recorded {
  readonly base: number
  readonly sched: string
  readonly w: readonly number[]
  readonly flags?: string
  readonly vips?: number
  readonly v6?: boolean
  readonly got: string
}
const recorded: Recorded[] = JSON.parse(readFileSync(new URL('recorded-picks.json', import.meta.url), 'utf8'))

function service({ sched, w, flags, v6 }: Recorded, vip: string): VirtualService {
  return {
    id: { kind: 'address', proto: 'UDP', address: ip(vip), port: 53 },
    scheduler: sched,
    schedulerFlags: flags?.split(',') ?? [],
    onePacket: false,
    line: 1,
    realServers: w.map((weight, i) => ({
      address: ip(v6 ? `fd01::${i + 1}` : `10.1.0.${i + 1}`),
      port: 5300 + i,
      method: 'Masq',
      weight,
      activeConnections: 0,
      inactiveConnections: 0,
      line: i,
    })),
  }
}

function picks(row: Recorded): string {
  const vips = Array.from({ length: row.vips ?? 1 }, (_, i) => (row.v6 ? 'fd96::1' : `10.96.0.${i + 1}`))
  const services = vips.map(vip => ({ vip, of: service(row, vip), memory: new Map<string, number>() }))
  return Array.from({ length: 24 }, (_, i) => {
    const { vip, of, memory } = services[i % services.length]!
    const chosen = SCHEDULERS.get(row.sched)!.schedule({
      service: of,
      client: ip(row.v6 ? `fd09::${(i * 77).toString(16)}` : `10.9.${i % 3}.${((i * 7) % 250) + 1}`),
      clientPort: row.base + i,
      target: ip(vip),
      memory,
      counts: () => ({ active: 0, inactive: 0 }),
      choose: (_, options) => options[0],
    })
    return chosen ? of.realServers.indexOf(chosen) : '-'
  }).join('')
}

describe('schedulers pick as Linux 6.1 did', () => {
  test.each(
    recorded.map(row => [`${row.sched} ${row.flags ?? ''} ${row.w} ${row.v6 ? 'v6' : ''}`, row] as const),
  )('%s', (_, row) => expect(picks(row)).toBe(row.got))
})
