import { describe, expect, test } from 'vitest'
import { HOOKS } from '../../src/netfilter/hook.js'
import { hookTable } from '../../src/netfilter/hook-table.js'

describe('the hook table of a machine that has everything', () => {
  const names = (hook: string) =>
    hookTable()
      .filter(row => row.hook === hook)
      .map(row => row.name)

  // observed on Linux 6.1 and 6.18, see kernel.md section 1
  test.each([
    ['PREROUTING', ['defrag', 'raw', 'conntrack', 'mangle', 'nat']],
    ['INPUT', ['mangle', 'filter', 'security', 'ipvs reply', 'ipvs request', 'nat', 'confirm']],
    ['FORWARD', ['mangle', 'filter', 'security', 'ipvs icmp', 'ipvs reply']],
    [
      'OUTPUT',
      ['defrag', 'raw', 'conntrack', 'mangle', 'nat', 'ipvs reply', 'ipvs request', 'filter', 'security'],
    ],
    ['POSTROUTING', ['mangle', 'nat', 'confirm']],
  ])('%s runs in this order', (hook, order) => {
    expect(names(hook)).toEqual(order)
  })

  test('priorities never decrease within a hook', () => {
    for (const hook of HOOKS) {
      const at = hookTable()
        .filter(row => row.hook === hook)
        .map(row => row.priority)
      expect(at).toEqual(at.toSorted((a, b) => a - b))
    }
  })
})
