import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { renderJson, traceJson } from '../../src/render/json.js'
import type { EventBody, EventKind, TraceEvent } from '../../src/trace/events.js'
import { fixture } from './fixture.js'

const schema = JSON.parse(
  readFileSync(new URL('../../src/render/trace.schema.json', import.meta.url), 'utf8'),
)
const valid = new Ajv2020({ strict: true, allErrors: true }).compile(schema)

/** One event of each kind with all its fields: a new kind does not compile until it stands here. */
const SAMPLES: { readonly [K in EventKind]: Required<Extract<EventBody, { kind: K }>> } = {
  hop: { kind: 'hop', iface: 'eth0', packet: 'p', born: 'b' },
  transmit: { kind: 'transmit', iface: 'eth0', packet: 'p', to: 't' },
  hook: { kind: 'hook', hook: 'INPUT', in: 'a', out: 'b', bridged: true },
  'hook-skipped': { kind: 'hook-skipped', hook: 'FORWARD', because: 'b' },
  rule: {
    kind: 'rule',
    hook: 'OUTPUT',
    table: 'nat',
    chain: 'C',
    number: 1,
    text: '-A C -j D',
    verdict: 'JUMP',
    jump: 'D',
    file: 'f',
    line: 1,
    packet: 'p',
  },
  return: {
    kind: 'return',
    hook: 'OUTPUT',
    table: 'nat',
    chain: 'C',
    number: 1,
    text: '-A C -j RETURN',
    file: 'f',
    line: 1,
  },
  policy: {
    kind: 'policy',
    hook: 'OUTPUT',
    table: 'nat',
    chain: 'C',
    verdict: 'DROP',
    file: 'f',
    line: 1,
    packet: 'p',
  },
  tried: { kind: 'tried', hook: 'INPUT', table: 't', chain: 'c', number: 1, text: 'x', because: 'b' },
  'table-skipped': { kind: 'table-skipped', hook: 'INPUT', table: 'nat', because: 'b' },
  rewrite: { kind: 'rewrite', field: 'dst', from: 'a', to: 'b', by: 'DNAT' },
  mark: { kind: 'mark', what: 'packet', from: 0, to: 0x4000, by: 'MARK' },
  conntrack: { kind: 'conntrack', action: 'new', entry: 'e', id: 1, because: 'b' },
  nat: { kind: 'nat', manip: 'src', from: 'a', to: 'b', nullBinding: false, id: 1, because: 'b' },
  route: { kind: 'route', to: 'a', result: 'unicast', dev: 'd', via: 'v', text: 't', because: 'b' },
  'rp-filter': { kind: 'rp-filter', ok: true, because: 'b' },
  bridge: { kind: 'bridge', bridge: 'cni0', action: 'in', port: 'p', because: 'b' },
  neighbour: { kind: 'neighbour', address: 'a', dev: 'd', mac: 'm', because: 'b' },
  ipvs: { kind: 'ipvs', action: 'schedule', because: 'b', connection: 'c' },
  encap: { kind: 'encap', dev: 'd', because: 'b' },
  decap: { kind: 'decap', dev: 'd', because: 'b' },
  makes: { kind: 'makes', packet: 'p', because: 'b' },
  choice: { kind: 'choice', name: 'n', options: ['a', 'b'], taken: 1 },
  assume: { kind: 'assume', about: 'a', because: 'b' },
  delivered: { kind: 'delivered', to: 't', because: 'b' },
  dropped: { kind: 'dropped', reason: 'X_LOOP', because: 'b' },
}
const KINDS = Object.keys(SAMPLES) as EventKind[]

/** A conversation that holds exactly these events. */
const holding = (events: readonly object[]) => {
  const talk = traceJson(fixture())
  return { ...talk, packets: [{ direction: 'related', summary: 's', carries: 0, events }] }
}
const event = (kind: EventKind): TraceEvent => ({ seq: 1, netns: 'n', at: 0, ...SAMPLES[kind] }) as TraceEvent

test('a trace, and an array of traces, fit the schema', () => {
  expect(valid(JSON.parse(renderJson(fixture(), 'full'))), JSON.stringify(valid.errors)).toBe(true)
  expect(valid(JSON.parse(renderJson([fixture(), fixture()]))), JSON.stringify(valid.errors)).toBe(true)
  expect(valid([])).toBe(true)
})

test.each(KINDS)('the schema knows %s with every field, and refuses one more', kind => {
  expect(valid(holding([event(kind)])), JSON.stringify(valid.errors)).toBe(true)
  expect(valid(holding([{ ...event(kind), surprise: 1 }]))).toBe(false)
})

test('the schema knows no kind, and no outcome, that the types do not', () => {
  expect(
    schema.$defs.event.oneOf.map((row: { $ref: string }) => row.$ref.slice('#/$defs/event-'.length)).sort(),
  ).toEqual([...KINDS].sort())
  expect(valid({ ...traceJson(fixture()), outcome: 'fine' })).toBe(false)
  expect(valid({ ...traceJson(fixture()), extra: 1 })).toBe(false)
})

test('zoom filters events: tried rules are told at full only', () => {
  const kinds = (zoom: 'minimal' | 'summary' | 'full') =>
    new Set(traceJson(fixture(), zoom).packets.flatMap(packet => packet.events.map(e => e.kind)))
  expect(kinds('full')).toContain('tried')
  expect(kinds('summary')).not.toContain('tried')
  expect(kinds('summary')).toContain('rule')
  expect(kinds('minimal')).not.toContain('rule')
  expect(kinds('minimal')).toContain('rewrite')
})
