import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dumpOf, HOOKS, MISPLACED } from '../parse/misplaced.js'
import { run, scratch, whyNot } from './scratch.js'

/** Which chains the kernel lets lead to a rule: the list of test/parse/misplaced.ts, asked of both back ends. */
const { name: NETNS, inside } = scratch('hooks')
const why = whyNot('iptables-nft')

const refusedFrom = (rule: string, backend: 'legacy' | 'nft'): string =>
  HOOKS.filter(hook => inside([`iptables-${backend}-restore`], dumpOf(rule, hook)).status !== 0).join(' ')

describe.skipIf(why !== undefined)(`hooks that lead to a rule${why ? ` (skipped: ${why})` : ''}`, () => {
  beforeAll(() => {
    run('ip', ['netns', 'add', NETNS])
  })
  afterAll(() => {
    run('ip', ['netns', 'del', NETNS])
  })
  test.each(MISPLACED)('%s', (rule, legacy, nft) => {
    expect([refusedFrom(rule, 'legacy'), refusedFrom(rule, 'nft')]).toEqual([legacy, nft])
  })
})
