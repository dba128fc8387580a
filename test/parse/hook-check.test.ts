import { describe, expect, test } from 'vitest'
import { parseIptablesSave } from '../../src/parse/iptables-save.js'
import { dumpOf, HOOKS, MISPLACED } from './misplaced.js'

const refusedFrom = (rule: string, backend: 'legacy' | 'nft'): string =>
  HOOKS.filter(hook => {
    const { problems } = parseIptablesSave(dumpOf(rule, hook), { file: 'x', family: 'ipv4', backend })
    return problems.some(p => p.severity === 'error' && p.message.includes('chain B is reached from there'))
  }).join(' ')

describe('a rule in a chain that it must not be reached in', () => {
  test.each(MISPLACED)('%s', (rule, legacy, nft) => {
    expect([refusedFrom(rule, 'legacy'), refusedFrom(rule, 'nft')]).toEqual([legacy, nft])
  })
})
