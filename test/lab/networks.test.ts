import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadSnapshot } from '../../src/snapshot/load.js'
import { trace } from '../../src/talk/trace.js'

/** Networks that the lab does not build from a snapshot: made here by hand, dumped, and asked both ways. Needs root, python3. */
const PREFIX = `nfsim-nw-${process.pid}-`
const run = (command: string, input?: string) =>
  spawnSync('bash', ['-ec', command], { encoding: 'utf8', ...(input !== undefined && { input }) })
const ns = (name: string) => `ip netns exec ${PREFIX}${name}`

const why =
  process.platform !== 'linux'
    ? 'not Linux'
    : process.getuid?.() !== 0
      ? 'not root'
      : run('python3 --version && ip -V && iptables -V').status !== 0
        ? 'no python3, iproute2 or iptables'
        : run(`ip netns add ${PREFIX}try && ip netns del ${PREFIX}try`).status !== 0
          ? 'no network namespaces'
          : undefined

const SERVER = `import socket, threading
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('0.0.0.0', 8080)); s.listen(9)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('0.0.0.0', 8080))
def udp():
    while True:
        d, p = u.recvfrom(70000); u.sendto(b'y', p)
threading.Thread(target=udp, daemon=True).start()
while True:
    c, p = s.accept(); c.recv(65536); c.sendall(b'y')
`
const CLIENT = `import errno, socket, sys
proto, dst, size = sys.argv[1:]
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if proto == 'tcp' else socket.SOCK_DGRAM); s.settimeout(4.5)
try:
    s.connect((dst, 8080)); s.send(b'x' * int(size)); s.recv(9); print('ok')
except socket.timeout: print('timeout')
except OSError as e: print({errno.ECONNREFUSED: 'refused', errno.EHOSTUNREACH: 'host-unreachable', errno.EMSGSIZE: 'timeout'}.get(e.errno, str(e)))
`
const DUMPS: Readonly<Record<string, string>> = {
  'ip-addr.txt': 'ip -d addr',
  'ip-route.txt': 'ip route show table all',
  'ip-rule.txt': 'ip rule',
  'ss.txt': 'ss -Hlntu',
  'sysctl.txt': 'sysctl -a 2>/dev/null | grep -E "^net.ipv4.(ip_forward|conf)"',
}

interface World {
  readonly nodes: Readonly<Record<string, readonly string[]>>
  readonly others?: readonly string[]
  readonly build: string
  readonly flows: readonly (readonly [src: string, dst: string, proto: 'tcp' | 'udp', size: number])[]
}
const pair = (a: string, x: string, b: string, y: string, mtu = 1500) =>
  `ip link add ${x} netns ${PREFIX}${a} mtu ${mtu} type veth peer name ${y} netns ${PREFIX}${b}
${ns(a)} ip link set ${x} mtu ${mtu} up; ${ns(b)} ip link set ${y} mtu ${mtu} up
`
const macvlan = (mode: string): World => ({
  nodes: { node: ['a', 'b'], node2: ['c'] },
  others: ['lan'],
  build:
    `${ns('lan')} ip link add br0 type bridge; ${ns('lan')} ip link set br0 up\n` +
    ['node', 'node2']
      .map(
        (node, i) =>
          `${pair('lan', `p${i}`, node, 'eth0')}${ns('lan')} ip link set p${i} master br0
${ns(node)} ip addr add 192.168.50.${i + 1}/24 dev eth0\n`,
      )
      .join('') +
    (
      [
        ['node', 'a', 11],
        ['node', 'b', 12],
        ['node2', 'c', 13],
      ] as const
    )
      .map(
        ([node, pod, octet]) =>
          `${ns(node)} ip link add link eth0 name m${octet} type macvlan mode ${mode}
${ns(node)} ip link set m${octet} netns ${PREFIX}${pod} name eth0
${ns(pod)} ip addr add 192.168.50.${octet}/24 dev eth0; ${ns(pod)} ip link set eth0 up\n`,
      )
      .join(''),
  flows: [
    ['a', '192.168.50.12', 'tcp', 1],
    ['a', '192.168.50.1', 'tcp', 1],
    ['a', '192.168.50.13', 'udp', 1],
    ['node2', '192.168.50.11', 'tcp', 1],
    ['node', '192.168.50.11', 'tcp', 1],
  ],
})
const WORLDS: Readonly<Record<string, World>> = {
  'macvlan pods in bridge mode': macvlan('bridge'),
  'private macvlan pods': macvlan('private'),
  'a narrow link between two routers': {
    nodes: { node: ['a'], node2: ['b'] },
    build: `${pair('node', 'eth1', 'a', 'eth0')}${pair('node2', 'eth1', 'b', 'eth0')}${pair('node', 'eth0', 'node2', 'eth0', 1400)}
${ns('node')} ip addr add 10.1.0.1/24 dev eth1; ${ns('node')} ip addr add 10.0.0.1/24 dev eth0; ${ns('node')} ip route add 10.2.0.0/24 via 10.0.0.2
${ns('node2')} ip addr add 10.2.0.1/24 dev eth1; ${ns('node2')} ip addr add 10.0.0.2/24 dev eth0; ${ns('node2')} ip route add 10.1.0.0/24 via 10.0.0.1
${ns('a')} ip addr add 10.1.0.2/24 dev eth0; ${ns('a')} ip route add default via 10.1.0.1
${ns('b')} ip addr add 10.2.0.2/24 dev eth0; ${ns('b')} ip route add default via 10.2.0.1
`,
    flows: [
      ['a', '10.2.0.2', 'tcp', 1440],
      ['a', '10.2.0.2', 'udp', 1300],
      ['b', '10.1.0.2', 'udp', 1472],
    ],
  },
}

test.runIf(why !== undefined)(`live networks are not asked: ${why}`, () => {})

describe.skipIf(why !== undefined).each(Object.entries(WORLDS))('%s', (_, world) => {
  const inside = Object.entries(world.nodes).flatMap(([node, pods]) => [node, ...pods])
  const all = [...inside, ...(world.others ?? [])]
  const servers: ChildProcess[] = []
  let files: Map<string, string>
  beforeAll(async () => {
    for (const name of all) run(`ip netns add ${PREFIX}${name}; ${ns(name)} ip link set lo up`)
    for (const node of Object.keys(world.nodes)) run(`${ns(node)} sysctl -qw net.ipv4.ip_forward=1`)
    const built = run(world.build)
    if (built.status !== 0) throw new Error(built.stderr)
    for (const name of inside)
      servers.push(spawn('ip', ['netns', 'exec', `${PREFIX}${name}`, 'python3', '-c', SERVER]))
    await new Promise(done => setTimeout(done, 2500))
    files = new Map(
      Object.entries(world.nodes).flatMap(([node, pods]) =>
        [node, ...pods].flatMap(name =>
          Object.entries(DUMPS).map(([file, command]): [string, string] => [
            `${name === node ? node : `${node}/netns/${name}`}/${file}`,
            run(`${ns(name)} bash -c '${command}'`).stdout,
          ]),
        ),
      ),
    )
  }, 60_000)
  afterAll(() => {
    for (const server of servers) server.kill('SIGKILL')
    for (const name of all) run(`ip netns del ${PREFIX}${name}`)
  })
  test.each(world.flows)(
    '%s asks %s by %s with %s bytes',
    (src, dst, proto, size) => {
      for (const name of inside) run(`${ns(name)} ip route flush cache`)
      const kernel = spawnSync(
        'ip',
        ['netns', 'exec', `${PREFIX}${src}`, 'python3', '-c', CLIENT, proto, dst, String(size)],
        { encoding: 'utf8' },
      )
      const talk = trace(loadSnapshot(files), { src, dst, proto, dport: 8080, payload: size })
      expect(talk.outcome, talk.because).toBe(kernel.stdout.trim())
    },
    20_000,
  )
})
