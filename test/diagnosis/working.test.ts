import { describe, expect, test } from 'vitest'
import { trace } from '../../src/diagnosis/diagnosed.js'
import { explain } from '../../src/diagnosis/explain.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { after, before, edit, type Files, ipvsWorld, kubeWorld, swap } from './worlds.js'

const RULES = 'n1/iptables-save.txt'
type Working = readonly [
  name: string,
  base: () => Files,
  flow: readonly [src: string, dst: string],
  change: (files: Files) => void,
  suspect?: string,
]

/** Worlds that work, and rules in them that look guilty. */
const WORKING: readonly Working[] = [
  [
    'a DROP for another port',
    kubeWorld,
    ['client', '10.96.0.10:80'],
    f => before(f, RULES, '-A DOCKER-USER -j RETURN', '-A DOCKER-USER -p tcp -m tcp --dport 8443 -j DROP'),
    '--dport 8443 -j DROP',
  ],
  ['INVALID is dropped', kubeWorld, ['client', '10.96.0.20:80'], () => {}, 'n1:filter:KUBE-FORWARD:1'],
  [
    'a REJECT for a Service without endpoints',
    kubeWorld,
    ['client', '10.96.0.10:80'],
    () => {},
    'default/empty:http has no endpoints" -m tcp --dport 80 -j REJECT',
  ],
  ['FORWARD policy is DROP', kubeWorld, ['client', 'far:8080'], () => {}],
  [
    'a chain full of DROPs that nobody calls',
    kubeWorld,
    ['client', '10.96.0.10:80'],
    f => {
      edit(f, RULES, text =>
        text.replace(':KUBE-SERVICES - [0:0]', ':KUBE-SERVICES - [0:0]\n:LOCKDOWN - [0:0]'),
      )
      after(f, RULES, '-A KUBE-FIREWALL !', '-A LOCKDOWN -s 10.244.0.0/16 -j DROP')
    },
    '-A LOCKDOWN',
  ],
  [
    'the port on the host is dropped for others',
    kubeWorld,
    ['client', '192.168.50.10:2483'],
    f =>
      before(
        f,
        RULES,
        '-A INPUT -j KUBE-FIREWALL',
        '-A INPUT -s 172.16.0.0/12 -p tcp -m tcp --dport 2483 -j DROP',
      ),
    '-s 172.16.0.0/12 -p tcp',
  ],
  [
    'bridge-nf is 0, and the backend is on the other node',
    kubeWorld,
    ['client', '10.96.0.20:80'],
    f => swap(f, 'n1/sysctl.txt', 'call-iptables = 1', 'call-iptables = 0'),
  ],
  [
    'bridge-nf is 0, and the pod is asked itself',
    kubeWorld,
    ['client', 'web:8080'],
    f => swap(f, 'n1/sysctl.txt', 'call-iptables = 1', 'call-iptables = 0'),
  ],
  [
    'hairpin is off, and another pod answers',
    kubeWorld,
    ['client', '10.96.0.10:80'],
    f => edit(f, 'n1/bridge-link.txt', text => text.replaceAll('hairpin on', 'hairpin off')),
  ],
  [
    'IPVS with strict rp_filter',
    ipvsWorld,
    ['client', '10.96.0.20:80'],
    f => swap(f, 'n1/sysctl.txt', 'conf.default.rp_filter = 0', 'conf.default.rp_filter = 1'),
  ],
  [
    'IPVS, a KUBE-FIREWALL that drops localnet',
    ipvsWorld,
    ['client', '10.96.0.10:80'],
    () => {},
    'n1:filter:KUBE-FIREWALL:1',
  ],
  [
    'a rule drops what comes from the Service address',
    ipvsWorld,
    ['client', '10.96.0.10:80'],
    f => before(f, RULES, '-A FORWARD -j DOCKER-USER', '-A FORWARD -s 10.96.0.10/32 -j DROP'),
    '-A FORWARD -s 10.96.0.10/32 -j DROP',
  ],
]

describe('what works is not blamed', () => {
  test.each(WORKING.map(world => [world[0], world] as const))('%s', (_, world) => {
    const [, base, [src, dst], change, suspect] = world
    const files = base()
    change(files)
    const snapshot = loadSnapshot(files)
    const talk = trace(snapshot, { src, dst })
    expect(talk.outcome, talk.because).toBe('ok')
    expect(talk.findings.filter(f => f.severity === 'error')).toEqual([])
    if (suspect === undefined) return
    for (const e of explain(talk, snapshot, suspect)) {
      expect(e.part).not.toBe('matched')
      expect(e.says).toMatch(/^innocent/)
    }
  })
})
