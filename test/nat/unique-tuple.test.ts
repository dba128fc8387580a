import { expect, test } from 'vitest'
import { scripted } from '../../src/run/chooser.js'
import { hereOf } from '../../src/run/here.js'
import { RunState } from '../../src/run/run-state.js'
import { uniqueTuple } from '../../src/nat/unique-tuple.js'
import { invert } from '../../src/conntrack/tuple.js'
import { ip } from '../../src/values/ip.js'
import { World } from '../../src/world/world.js'
import { router, table } from '../worlds/router.js'

const NO_CHANCE = { draw: () => 0, drawn: () => 0 }
const V4 = '10.1.1.1-10.1.1.9'
const V6 = 'fd00::1-fd00::9'
const WIDE = '10.1.2.1-10.1.3.9'

// what `conntrack -L` showed on Linux 6.18 (x86) after UDP from `src` to `dst` under a rule with that range
test.each([
  ['dst', '10.1.1.1', '10.7.7.7', V4, '', '10.1.1.6'],
  ['dst', '10.1.1.1', '10.9.9.9', V4, '', '10.1.1.4'],
  ['dst', '10.1.1.2', '10.7.7.7', V4, '', '10.1.1.2'],
  ['dst', '10.1.1.1', '10.7.7.7', V4, 'persistent', '10.1.1.9'],
  ['dst', '10.1.1.1', '10.9.9.9', V4, 'persistent', '10.1.1.9'],
  ['dst', '10.1.1.2', '10.9.9.9', V4, 'persistent', '10.1.1.1'],
  ['src', '10.1.1.1', '10.1.1.9', WIDE, '', '10.1.2.189'],
  ['src', '10.1.1.2', '10.1.1.9', WIDE, '', '10.1.2.3'],
  ['dst', 'fd00::1', 'fd00::1', V6, '', 'fd00::6'],
  ['dst', 'fd00::1', 'fd00::2', V6, '', 'fd00::4'],
  ['dst', 'fd00::2', 'fd00::2', V6, '', 'fd00::1'],
] as const)('%s-nat of %s > %s to %s %s: %s', (manip, src, dst, range, persistent, becomes) => {
  const run = new RunState(World.of(router(table('filter', []))), scripted([]), false)
  const here = hereOf(run, 'node', run.trail.open('original', 'by hand', 0))
  const tuple = { proto: 17, src: { address: ip(src), port: 4000 }, dst: { address: ip(dst), port: 7000 } }
  const entry = here.state.conntrack.fresh(tuple, invert(tuple), { id: 0 })
  const [minAddress, maxAddress] = range.split('-').map(ip)
  const asked = { minAddress: minAddress!, maxAddress: maxAddress!, persistent: persistent !== '' }
  expect(uniqueTuple(tuple, asked, entry, manip, here, NO_CHANCE)[manip].address).toBe(becomes)
})
