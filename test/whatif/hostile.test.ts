import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '../../src/parse/problems.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { readEdits } from '../../src/whatif/read-edits.js'
import { undone, whatIfAll } from '../../src/whatif/what-if.js'
import { withoutRule } from '../../src/whatif/without.js'
import { ipvsWorld } from '../diagnosis/worlds.js'

const snapshot = loadSnapshot(ipvsWorld())

const words = fc.constantFrom(
  ...'iptables ip6tables iptables-legacy iptables-restore ip bridge sysctl modprobe ipvsadm conntrack ipset listen unlisten sudo ssh n1 n1: client: -t nat filter raw -A -I -D -R -P -N -X -E -F FORWARD KUBE-SERVICES DOCKER-USER 1 2 99 -s 10.244.1.2 -p tcp --dport 80 -j ACCEPT DROP RETURN -m comment --comment route rule addr neigh link fdb set add del replace default via dev eth0 cni0 flannel.1 up down master nomaster hairpin on off -r -w net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=0 br_netfilter -a -d -e -C -t 10.96.0.10:80 10.244.1.3:8080 tcp 0.0.0.0:8080 instead of __proto__ constructor netns exec -n from lookup table 100 pref lladdr 02:00:00:00:00:01 dst 192.168.50.11 KUBE-CLUSTER-IP 10.96.0.10,tcp:80 # " \' \\ *nat COMMIT : EOF'.split(
    ' ',
  ),
)
const line = fc.array(
  fc.oneof({ weight: 9, arbitrary: words }, { weight: 1, arbitrary: fc.string({ maxLength: 12 }) }),
  {
    maxLength: 10,
  },
)
const file = fc.array(line, { maxLength: 4 }).map(lines => lines.map(l => l.join(' ')).join('\n'))

/** Whatever it is: an edit that can be undone, or an error that says where. */
test('any text is an edit or an error with its place', () => {
  fc.assert(
    fc.property(file, text => {
      let edits: ReturnType<typeof readEdits>
      try {
        edits = readEdits(text, 'edits')
        const tried = whatIfAll(snapshot, edits)
        expect(undone(tried)).toEqual(snapshot)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        expect(error.problems.length).toBeGreaterThan(0)
        for (const problem of error.problems) expect(problem.message).not.toBe('')
      }
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    }),
    { numRuns: 3000 },
  )
}, 120_000)

test('any name of a rule is a rule or an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 30 }),
        line.map(l => l.join(':')),
      ),
      asked => {
        try {
          for (const edit of withoutRule(snapshot, asked)) whatIfAll(snapshot, [edit])
        } catch (error) {
          if (!(error instanceof InputError)) throw error
        }
      },
    ),
    { numRuns: 500 },
  )
}, 60_000)
