import { spawnSync } from 'node:child_process'

export const run = (command: string, args: readonly string[], input?: string) =>
  spawnSync(command, args, { encoding: 'utf8', ...(input !== undefined && { input }) })

/** A network namespace of this test's own, and commands inside it. The test makes it and takes it away. */
export function scratch(purpose: string) {
  const name = `nfsim-${purpose}-${process.pid}`
  return {
    name,
    inside: (args: readonly string[], input?: string) => run('ip', ['netns', 'exec', name, ...args], input),
  }
}

/** Why iptables can't be asked here; undefined if it can. `tools` must answer besides. */
export function whyNot(iptables: string, tools: readonly string[] = []): string | undefined {
  if (process.platform !== 'linux') return 'not Linux'
  if (process.getuid?.() !== 0) return 'not root'
  if (!/v1\.8\.9 /.test(run(iptables, ['--version']).stdout ?? '')) return `no ${iptables} 1.8.9`
  const lacking = tools.find(tool => run(tool, ['version']).status !== 0)
  return lacking === undefined ? undefined : `no ${lacking}`
}
