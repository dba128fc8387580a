import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base32, sha256 } from '../../src/diagnosis/lint/sha256.js'
import { CHECKS, lint } from '../../src/diagnosis/lint/lint.js'
import { renderSarif } from '../../src/render/lint.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import {
  after,
  before,
  edit,
  type Files,
  ipvsWorld,
  kubeWorld,
  lineOf,
  swap,
  svcChain,
  without,
} from './worlds.js'

const RULES = 'n1/iptables-save.txt'
type Case = readonly [
  name: string,
  base: () => Files,
  change: (files: Files) => void,
  id: string,
  where?: readonly [file: string, words?: string],
]

const CASES: readonly Case[] = [
  [
    'ip_forward is 0',
    kubeWorld,
    f => swap(f, 'n1/sysctl.txt', 'ip_forward = 1', 'ip_forward = 0'),
    'node-settings',
    ['n1/sysctl.txt', 'ip_forward'],
  ],
  [
    'bridge-nf is 0',
    kubeWorld,
    f => swap(f, 'n1/sysctl.txt', 'call-iptables = 1', 'call-iptables = 0'),
    'node-settings',
    ['n1/sysctl.txt', 'call-iptables'],
  ],
  [
    'br_netfilter is not loaded',
    kubeWorld,
    f => edit(f, 'n1/sysctl.txt', text => text.replace(/^net\.bridge.*\n/gm, '')),
    'node-settings',
    ['n1/sysctl.txt'],
  ],
  [
    'the conntrack table is full',
    kubeWorld,
    f => swap(f, 'n1/sysctl.txt', 'nf_conntrack_max = 131072', 'nf_conntrack_max = 12'),
    'node-settings',
    ['n1/sysctl.txt', 'nf_conntrack_max'],
  ],
  [
    'CIDRs overlap',
    kubeWorld,
    f =>
      edit(f, 'snapshot.yaml', text =>
        text.replace('serviceCIDR: 10.96.0.0/16', 'serviceCIDR: 10.244.96.0/20'),
      ),
    'cidr-overlap',
  ],
  [
    'Service addresses inside what counts as pods',
    kubeWorld,
    f => edit(f, RULES, text => text.replaceAll('! -s 10.244.0.0/16', '! -s 10.0.0.0/8')),
    'cidr-overlap',
    [RULES, '! -s 10.0.0.0/8 -d 10.96.0.10'],
  ],
  [
    'an IPVS service without its address',
    ipvsWorld,
    f => edit(f, 'n1/ip-addr.txt', text => text.replace(/ {4}inet 10\.96\.0\.20\/32.*\n.*\n/, '')),
    'ipvs-without-address',
    ['n1/ipvsadm.txt', '10.96.0.20:80'],
  ],
  [
    'a node port is not masqueraded',
    kubeWorld,
    f => {
      without(f, RULES, '--comment "masquerade traffic for default/far:http external')
    },
    'nat-without-masquerade',
    [RULES, '--dport 30080'],
  ],
  [
    'nobody masquerades what is marked',
    kubeWorld,
    f => {
      without(f, RULES, '"kubernetes service traffic requiring SNAT"')
      edit(f, RULES, text => text.replace(/^-A (POSTROUTING|FLANNEL-POSTRTG) .*-j MASQUERADE\n/gm, ''))
    },
    'nat-without-masquerade',
    [RULES, '-A KUBE-MARK-MASQ'],
  ],
  ['a dead DNAT target', kubeWorld, () => {}, 'dead-dnat-target', [RULES, '--to-destination 10.244.1.9']],
  [
    'marks collide',
    kubeWorld,
    f => after(f, RULES, ':KUBE-IPTABLES-HINT', '-A PREROUTING -j MARK --set-xmark 0x1/0xffffffff'),
    'mark-collision',
    [RULES, '--set-xmark 0x1/'],
  ],
  [
    'a rule is shadowed',
    kubeWorld,
    f =>
      before(
        f,
        RULES,
        '-A DOCKER-USER -j RETURN',
        '-A DOCKER-USER -s 10.0.0.0/8 -j ACCEPT\n-A DOCKER-USER -s 10.244.0.0/16 -p tcp -m tcp --dport 25 -j DROP',
      ),
    'rule-never-matches',
    [RULES, '--dport 25 -j DROP'],
  ],
  [
    'a rule contradicts itself',
    kubeWorld,
    f => before(f, RULES, '-A DOCKER-USER -j RETURN', '-A DOCKER-USER ! -s 0.0.0.0/0 -j DROP'),
    'rule-never-matches',
    [RULES, '! -s 0.0.0.0/0'],
  ],
  [
    'a chain without callers',
    kubeWorld,
    f =>
      without(f, RULES, '-A INPUT -j KUBE-FIREWALL') ??
      edit(f, RULES, text => text.replace('-A OUTPUT -j KUBE-FIREWALL\n', '')),
    'chain-never-called',
    [RULES, '-A KUBE-FIREWALL'],
  ],
  [
    'a hash that belongs to another Service',
    kubeWorld,
    f => edit(f, RULES, text => text.replaceAll(svcChain('default/web:http'), 'KUBE-SVC-AAAAAAAAAAAAAAAA')),
    'kube-chain-hash',
    [RULES, '"default/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-A'],
  ],
  [
    'both back ends',
    kubeWorld,
    f =>
      f.set(
        'n1/iptables-legacy-save.txt',
        '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -s 1.2.3.4/32 -j DROP\nCOMMIT\n',
      ),
    'mixed-backends',
  ],
]

describe('lint', () => {
  test.each(CASES.map(one => [one[0], one] as const))('%s', (_, [, base, change, id, where]) => {
    const files = base()
    const innocent = lint(loadSnapshot(files)).map(f => JSON.stringify(f))
    change(files)
    const found = lint(loadSnapshot(files))
    const said = JSON.stringify(found, null, 1)
    const ours = found.filter(f => f.id === id)
    expect(ours.length, said).toBeGreaterThan(0)
    if (id !== 'dead-dnat-target') expect(ours.some(f => !innocent.includes(JSON.stringify(f)))).toBe(true)
    if (!where) return
    const [file, words] = where
    const line = words === undefined ? undefined : lineOf(files, file, words)
    expect(
      ours.map(f => `${f.where?.file}:${f.where?.line}`),
      said,
    ).toContain(`${file}:${line}`)
  })

  test('a world that is well has no errors', () => {
    for (const base of [kubeWorld, ipvsWorld])
      expect(lint(loadSnapshot(base())).filter(f => f.severity === 'error')).toEqual([])
  })

  test('every check has a page, and SARIF names them', () => {
    for (const check of CHECKS) expect(check.page.length).toBeGreaterThan(100)
    const sarif = JSON.parse(renderSarif(lint(loadSnapshot(kubeWorld())), CHECKS, '0'))
    expect(sarif.version).toBe('2.1.0')
    const ids = new Set(sarif.runs[0].tool.driver.rules.map((r: { id: string }) => r.id))
    for (const result of sarif.runs[0].results) expect(ids.has(result.ruleId)).toBe(true)
  })

  test('the hash is SHA-256 in base32', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'grapheme' }), text => {
        expect(Buffer.from(sha256(text)).toString('hex')).toBe(
          createHash('sha256').update(text).digest('hex'),
        )
      }),
    )
    expect(base32(sha256('default/kubernetes:httpstcp')).slice(0, 16)).toBe('NPX46M4PTMTKRN6Y')
  })

  const dumps = new URL('../../../shared/data/dumps/iptables-save', import.meta.url).pathname
  test.skipIf(!existsSync(dumps))(
    'dumps of the world are read without a crash',
    () => {
      for (const name of readdirSync(dumps).slice(0, 60))
        lint(loadSnapshot(new Map([['node/iptables-save.txt', readFileSync(`${dumps}/${name}`, 'utf8')]])))
    },
    60_000,
  )
})
