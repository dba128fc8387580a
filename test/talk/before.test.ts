import { expect, test } from 'vitest'
import { converse } from '../../src/talk/converse.js'
import { resolveFlow } from '../../src/talk/resolve-flow.js'
import { router, table } from '../worlds/router.js'

const MASQUERADE = router(table('nat', ['-A POSTROUTING -s 10.1.0.0/24 -j MASQUERADE']))
const flow = (sport: number) => resolveFlow(MASQUERADE, { src: 'client', dst: '10.2.0.2', dport: 80, sport })

test('another conversation was had before: its connection is still there, its packets are not told', () => {
  const talk = converse(MASQUERADE, flow(41000), { before: [{ flow: flow(41001), end: 'open' }] })
  expect(talk.outcome).toBe('ok')
  expect(talk.packets[0]!.index).toBe(0)
  expect(talk.packets.every(p => !p.summary.includes('41001'))).toBe(true)
  expect(talk.conntrack.node?.map(line => /ESTABLISHED.*? sport=(\d+)/.exec(line)?.[1]).sort()).toEqual([
    '41000',
    '41001',
  ])
})

test('an aborted one leaves its entry behind, and its port may be used again', () => {
  const talk = converse(MASQUERADE, flow(41000), { before: [{ flow: flow(41000), end: 'aborted' }] })
  expect(talk.outcome).toBe('ok')
  expect(talk.conntrack.node).toHaveLength(1)
  const other = converse(MASQUERADE, flow(41002), { before: [{ flow: flow(41000), end: 'aborted' }] })
  expect(other.conntrack.node?.find(line => line.includes('41000'))).toContain(' CLOSE ')
})

test('a socket that was refused hears nothing more: another may ask from its port', () => {
  const closed = { ...flow(41000), dport: 4321 }
  const talk = converse(MASQUERADE, closed, { before: [{ flow: closed, end: 'open' }] })
  expect(talk.outcome).toBe('refused')
})
