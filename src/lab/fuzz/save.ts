import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { namespacesOf } from '../../snapshot/names.js'
import type { KernelDriver } from '../kernel-driver.js'
import type { Trial } from '../observe.js'
import { snapshotOf } from './draft.js'
import type { Shrunk } from './shrink.js'

const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ['ip-addr.txt', ['ip', '-d', 'addr']],
  ['ip-route.txt', ['sh', '-c', 'ip route show table all; ip -6 route show table all']],
  ['ip-rule.txt', ['ip', 'rule']],
  ['ip-neigh.txt', ['ip', 'neigh']],
  ['bridge-link.txt', ['bridge', '-d', 'link']],
  ['bridge-fdb.txt', ['bridge', 'fdb']],
  ['ss.txt', ['ss', '-Hlntu']],
]
const NODE_COMMANDS: typeof COMMANDS = [
  ['ipset-save.txt', ['ipset', 'save']],
  ['iptables-save.txt', ['iptables-nft-save']],
  ['ip6tables-save.txt', ['ip6tables-nft-save']],
  [
    'sysctl.txt',
    [
      'sh',
      '-c',
      "sysctl -a 2>/dev/null | grep -E '^net\\.(ipv[46]\\.(conf|icmp|vs|ip_forward|fwmark|ip_default)|bridge|netfilter)'",
    ],
  ],
]

const IPVS_COMMANDS: typeof COMMANDS = [['ipvsadm-save.txt', ['ipvsadm', '-Sn']]]

/** Keeps a disagreement as a recorded case: real dumps of the world as built, and what the kernel did. */
export async function saveCase(
  folder: string,
  name: string,
  kernel: KernelDriver,
  { files, trial }: Shrunk,
): Promise<string> {
  const dir = join(folder, name)
  const put = (file: string, text: string) => {
    const path = join(dir, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const snapshot = snapshotOf(files)
  await kernel.load(snapshot)
  const again = await kernel.ask(trial.flow, { before: trial.before })
  for (const netns of namespacesOf(snapshot)) {
    const at = netns.isHost ? netns.folder : `${netns.node}/netns/${netns.folder}`
    const commands = [
      ...COMMANDS,
      ...(netns.rulesets.length > 0 ? NODE_COMMANDS : []),
      ...(netns.ipvs ? IPVS_COMMANDS : []),
    ]
    for (const [file, argv] of commands) put(join(at, file), await kernel.exec(netns.name, argv))
  }
  put('snapshot.yaml', files.get('snapshot.yaml') ?? '')
  put(
    'expected.json',
    `${JSON.stringify({ kind: 'fuzz', flows: [recorded({ ...trial, kernel: again })] }, undefined, 1)}\n`,
  )
  put('difference.txt', differenceText(trial))
  for (const [file, text] of files) put(join('drafted', file), text)
  return dir
}

export const differenceText = (trial: Trial): string =>
  (trial.differences ?? [])
    .map(d => `${d.aspect}\n  nfsim:  ${d.simulator}\n  kernel: ${d.kernel}\n`)
    .join('')

/** As the recorded cases have it: a PACKET line with the events behind it. */
function recorded({ flow, before, kernel }: Trial): object {
  const trace: [string, object[]][] = []
  for (const line of (Object.values(kernel.traceText ?? {})[0] ?? '').split('\n')) {
    if (/^\s*PACKET:/.test(line)) trace.push([line.trim(), []])
    const event = /^\s*TRACE: \d+ ([0-9a-f]+) ([^\s:]+):([^\s:]+):(rule|policy):(\S+)\s?(.*)$/.exec(line)
    if (!event) continue
    const [, id, table, chain, kind, rest = '', rule = ''] = event
    const verdict = kind === 'rule' ? rest.replace(/^0x[0-9a-f]+:/, '') : rest
    trace.at(-1)?.[1].push({ id, table, chain, kind, verdict, rule: rule.trim() })
  }
  const { src, dst } = flow.asked
  const [address, port] = kernel.seen?.split(' ') ?? []
  return {
    src,
    dst,
    dport: flow.dport,
    proto: flow.proto,
    sport: flow.sport,
    ...(flow.payload !== undefined && { payload: flow.payload }),
    ...(before.length > 0 && {
      before: before.map(b => ({ ...b.flow.asked, sport: b.flow.sport, end: b.end })),
    }),
    result: {
      outcome: kernel.outcome,
      ...(address !== undefined && { seen: [address, Number(port)] }),
    },
    trace,
    conntrack: Object.values(kernel.conntrack ?? {})[0] ?? [],
    ...(kernel.ipvs && { ipvs: Object.values(kernel.ipvs)[0] ?? [] }),
    ...(Object.keys(kernel.conntrack ?? {}).length > 1 && {
      conntrack2: Object.values(kernel.conntrack!)[1],
    }),
  }
}
