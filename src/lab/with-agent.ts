import { constants } from 'node:os'
import { Agent } from './agent.js'
import type { Transport } from './transport.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Lends an agent. Whatever happens to the work, or to this process (Ctrl-C), what the agent made is gone
 * afterwards; where this process is killed outright, the agent notices and cleans up by itself.
 */
export async function withAgent<T>(work: (agent: Agent) => Promise<T>, transport?: Transport): Promise<T> {
  const agent = new Agent(transport)
  const leave = (signal: (typeof SIGNALS)[number]) => {
    void agent.close().then(() => process.exit(128 + constants.signals[signal]))
  }
  for (const signal of SIGNALS) process.on(signal, leave)
  try {
    await agent.ready
    return await work(agent)
  } finally {
    for (const signal of SIGNALS) process.off(signal, leave)
    await agent.close()
  }
}
