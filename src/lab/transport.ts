import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'

/** First word of the names of all namespaces that the lab makes: `nfsimlab-PID-NUMBER`. */
export const PREFIX = 'nfsimlab'

/** Where the agent runs: a process whose standard input and output are the agent's. */
export interface Transport {
  readonly child: ChildProcess
  /** It is a shell there, which is yet to become the agent. */
  readonly isShell: boolean
  /** What it left to read where it ended before its time. */
  lastWords?(): string
  /** The agent has answered: what only its start needed can go. */
  started?(): void
  /** How to end it at once; otherwise its input is closed, and the agent takes down what it made. */
  end?(): void
}

// a group of its own: Ctrl-C must reach us, who then let it clean up in order
export const OWN_GROUP: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'], detached: true }

/** This machine. */
export const hereWith = (program: string): Transport => ({
  child: spawn('python3', ['-c', program, PREFIX], OWN_GROUP),
  isShell: false,
})

/** Another machine: a command such as `ssh root@host`, which gives a shell there. */
export const shellOf = (command: string): Transport => ({
  child: spawn('sh', ['-c', command], OWN_GROUP),
  isShell: true,
})

const TOOLS = 'ip bridge iptables-nft ipset conntrack xtables-monitor python3'

/** Says why no world can be built where it runs, or nothing. */
const WHY_NOT = `PATH=$PATH:/usr/sbin:/sbin
why_not() {
  [ "$(uname)" = Linux ] || { echo "network namespaces need Linux, this is $(uname)"; return; }
  [ "$(id -u)" = 0 ] || { echo 'network namespaces need root'; return; }
  missing=
  for tool in ${TOOLS}; do command -v $tool >/dev/null || missing="$missing, $tool"; done
  [ -z "$missing" ] || { echo "not installed: \${missing#, }"; return; }
  unshare -n true || echo 'the kernel gives no network namespaces'
}
`

/** Why no world can be built on this machine, or undefined if it can. */
export function whyNotHere(): string | undefined {
  if (process.platform !== 'linux') return `network namespaces need Linux, this is ${process.platform}`
  return spawnSync('sh', ['-c', `${WHY_NOT}why_not`], { encoding: 'utf8' }).stdout.trim() || undefined
}

/** What a shell is told so that it becomes the agent; where it cannot, it ends and says why. */
export const becomeAgent = (program: string): string =>
  `${WHY_NOT}why=$(why_not); [ -z "$why" ] || { echo "$why" >&2; exit; }
exec python3 -c '${program.replaceAll("'", `'\\''`)}' ${PREFIX}
`
