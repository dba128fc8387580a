import { expect, test } from 'vitest'
import { hooksAt } from '../../src/netfilter/hook-table.js'
import { loadSnapshot } from '../../src/snapshot/load.js'

/** Observed on 6.18: whether `conntrack -L` shows anything in a namespace that has this rule alone. */
const OBSERVED: readonly (readonly [table: string, rule: string, tracks: boolean])[] = [
  ['filter', 'INPUT -j ACCEPT', false],
  ['nat', 'PREROUTING -j ACCEPT', false],
  ['filter', 'INPUT -m conntrack --ctstate NEW', true],
  ['filter', 'INPUT -m connlimit --connlimit-upto 3', true],
  ['mangle', 'INPUT -m socket', false],
  ['raw', 'OUTPUT -j CT --notrack', false],
  ['raw', 'OUTPUT -j CT --zone 1', true],
  ['mangle', 'INPUT -j CONNMARK --set-mark 1', true],
  ['nat', 'PREROUTING -j DNAT --to-destination 1.1.1.1', true],
  ['nat', 'POSTROUTING -j MASQUERADE', true],
]

test.each(OBSERVED)('-t %s -A %s: connections are tracked: %s', (table, rule, tracks) => {
  const chain = rule.split(' ')[0]
  const text = `*${table}\n:${chain} ACCEPT [0:0]\n-A ${rule}\nCOMMIT\n`
  const node = loadSnapshot(new Map([['n/iptables-save.txt', text]])).nodes[0]!.namespaces[0]!
  expect(hooksAt(node, 'ipv4', 'PREROUTING').some(op => op.name === 'conntrack')).toBe(tracks)
  expect(hooksAt(node, 'ipv6', 'PREROUTING').some(op => op.name === 'conntrack')).toBe(false)
})
