import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectScript } from '../../src/node/collect-script.js'
import { readSnapshotFiles } from '../../src/node/read-snapshot.js'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { trace } from '../../src/talk/trace.js'

/** The script of `nfsim collect`, run for real: a node with a bridge, rules and a set, and two pods. */
const has = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0
const why =
  process.platform !== 'linux'
    ? 'not Linux'
    : process.getuid?.() !== 0
      ? 'not root'
      : ['ip', 'unshare', 'iptables-save', 'ipset', 'python3', 'ss', 'nsenter'].find(tool => !has(tool))

const dir = mkdtempSync(join(tmpdir(), 'nfsim-collect-test-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Sets up the world in private mounts and process ids, so that nothing of it outlives the shell. */
const WORLD = `
set -e
mount -t tmpfs none /run
mkdir -p /run/netns
for ns in node client cni-0123456789; do ip netns add $ns; done
n() { ip netns exec node "$@"; }
n ip link set lo up
n ip link add cni0 type bridge
n ip addr add 10.1.0.1/24 dev cni0
n ip link set cni0 up
for pod in client:2 cni-0123456789:3; do
  n ip link add v\${pod#*:} type veth peer name eth0 netns \${pod%:*}
  n ip link set v\${pod#*:} master cni0 up
  ip -n \${pod%:*} link set lo up
  ip -n \${pod%:*} addr add 10.1.0.\${pod#*:}/24 dev eth0
  ip -n \${pod%:*} link set eth0 up
  ip -n \${pod%:*} route add default via 10.1.0.1
done
n sysctl -qw net.ipv4.ip_forward=1
n ipset create friends hash:ip
n ipset add friends 10.1.0.2
n iptables-restore <<'RULES'
*nat
-A PREROUTING -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -m comment --comment "the \\"service\\"" -j DNAT --to-destination 10.1.0.3:8080
-A PREROUTING -d 10.96.0.10/32 -p tcp -m tcp --dport 81 -m set ! --match-set friends src -j DNAT --to-destination 10.1.0.3:8080
-A POSTROUTING -s 10.1.0.0/24 -d 10.1.0.3/32 -m conntrack --ctstate DNAT -j MASQUERADE
COMMIT
*filter
-A FORWARD -d 10.99.0.0/16 -j REJECT --reject-with icmp-admin-prohibited
COMMIT
RULES
ip netns exec cni-0123456789 unshare -u sh -c 'hostname web-0; exec python3 -c "
import socket
s = socket.socket(); s.bind((\\"10.1.0.3\\", 8080)); s.listen()
while True:
    c, a = s.accept(); c.recv(9); c.send(b\\"x\\" * 8); c.close()"' &
for i in 1 2 3 4 5 6 7 8 9 10; do
  ip netns exec cni-0123456789 ss -Hlnt | grep -q 8080 && break
  sleep 0.3
done
ask() {
  ip netns exec client python3 -c "
import socket, sys
s = socket.socket(); s.settimeout(1.5)
try:
    s.connect((sys.argv[1], int(sys.argv[2]))); s.send(b'x'); print('ok' if s.recv(9) else 'closed')
except ConnectionRefusedError: print('refused')
except TimeoutError: print('timeout')
except OSError as e: print({113: 'host-unreachable', 101: 'net-unreachable'}.get(e.errno, e))" $1 $2
}
`
const FLOWS = [
  ['10.96.0.10', 80],
  ['10.1.0.1', 9],
  ['10.1.0.3', 8080],
  ['10.99.0.1', 80],
] as const

const shells = [
  ['sh', 'sh'],
  ['dash', 'dash'],
  ['busybox', 'busybox sh'],
] as const

test('the script is clean', ({ skip }) => {
  if (!has('shellcheck')) skip('no shellcheck')
  const checked = spawnSync('shellcheck', ['-s', 'sh', '-'], { input: collectScript(), encoding: 'utf8' })
  expect(checked.stdout).toBe('')
})

describe.skipIf(why)(`collect${why ? `: ${why}` : ''}`, () => {
  let kernel: string[] = []
  let told = ''
  beforeAll(() => {
    const runs = shells
      .filter(([tool]) => has(tool))
      .map(
        ([tool, shell]) =>
          `ip netns exec node ${shell} "$script" -o ${dir}/${tool} -n n1 -t 2>>${dir}/told </dev/null`,
      )
    const world = `${WORLD}
script=${dir}/collect.sh
cat >"$script"
${runs.join('\n')}
PATH=/usr/bin:/bin ip netns exec node sh -s -- -c -n piped <"$script" >${dir}/piped.tar.gz 2>>${dir}/told
${FLOWS.map(([dst, dport]) => `ask ${dst} ${dport}`).join('\n')}
`
    const args = ['-m', '-p', '-f', '--mount-proc', 'sh', '-c', world]
    const done = spawnSync('unshare', args, { input: collectScript(), encoding: 'utf8', timeout: 120_000 })
    expect(done.stderr).toBe('')
    kernel = done.stdout.trim().split('\n')
    told = readFileSync(join(dir, 'told'), 'utf8')
  }, 150_000)

  const sources = shells
    .filter(([tool]) => has(tool))
    .flatMap(([tool]) => [tool, `${tool}.tar.gz`])
    .concat('piped.tar.gz')

  test.each(sources)('%s holds all that the node could have told', async source => {
    const files = await readSnapshotFiles(join(dir, source))
    const snapshot = loadSnapshot(files)
    expect(snapshot.problems).toEqual([])
    expect(snapshot.assumptions).toEqual([])
    const [node] = snapshot.nodes
    expect(node?.name).toBe(source.startsWith('piped') ? 'piped' : 'n1')
    // the runtime's name says nothing: the pod's own does
    expect(node?.namespaces.slice(1).map(n => n.name)).toEqual(['client', 'web-0'])
    expect(node?.namespaces[0]?.sets.map(s => s.name)).toEqual(['friends'])
    expect(snapshot.kernel).toMatch(/^\d+\.\d+$/)
    const answers = FLOWS.map(([dst, dport]) => trace(snapshot, { src: 'client', dst, dport }).outcome)
    expect(answers).toEqual(kernel)
  })

  test('it tells where the snapshot is', () => {
    expect(told).toContain(`n1 and 2 namespaces: ${dir}/sh and ${dir}/sh.tar.gz`)
    expect(told).not.toContain('not installed')
  })
})
