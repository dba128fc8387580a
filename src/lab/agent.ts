import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { AGENT_PROGRAM } from './agent-program.js'

/** First word of the names of all namespaces that the lab makes: `nfsimlab-PID-NUMBER`. */
export const PREFIX = 'nfsimlab'

/** The lab could not do what it must: a tool failed, or the agent died. The message says which, and how. */
export class LabError extends Error {
  override readonly name = 'LabError'
}

type Answer = Readonly<Record<string, unknown>>

/** The agent process and the questions that wait for its answers. */
export class Agent {
  private readonly waiting = new Map<number, { resolve(a: Answer): void; reject(e: Error): void }>()
  private nextId = 1
  private nextSpace = 1
  private readonly child: ChildProcess
  private readonly ended: Promise<void>
  private last = ''

  constructor() {
    // a group of its own: Ctrl-C must reach us, who then let it clean up in order
    this.child = spawn('python3', ['-c', AGENT_PROGRAM, PREFIX], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    createInterface({ input: this.child.stdout! }).on('line', line => this.take(line))
    this.child.stderr!.on('data', data => {
      this.last = `${this.last}${data}`.slice(-2000)
    })
    this.child.stdin!.on('error', () => {})
    this.ended = new Promise(resolve => {
      const fail = (why: string) => {
        for (const { reject } of this.waiting.values()) reject(new LabError(`${why}\n${this.last}`))
        this.waiting.clear()
        resolve()
      }
      this.child.on('error', error => fail(`python3: ${error.message}`))
      this.child.on('exit', () => fail('the agent ended'))
    })
  }

  /** A fresh name of a namespace; the number of the process that owns it is in it, so that leftovers are known. */
  newSpace(): string {
    return `${PREFIX}-${this.child.pid}-${this.nextSpace++}`
  }

  /** @throws LabError if the agent could not do it */
  ask(op: string, question: object = {}): Promise<Answer> {
    const id = this.nextId++
    return new Promise<Answer>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.child.stdin!.write(`${JSON.stringify({ id, op, ...question })}\n`)
    })
  }

  /** Runs a program in a namespace. @throws LabError with what it said, unless it may fail */
  async exec(
    ns: string | undefined,
    argv: readonly string[],
    input?: string,
    mayFail = false,
  ): Promise<{ status: number; out: string; err: string }> {
    const done = (await this.ask('exec', { ns, argv, input })) as never as {
      status: number
      out: string
      err: string
    }
    if (done.status !== 0 && !mayFail) throw new LabError(`${argv.join(' ')}: ${done.err.trim()}`)
    return done
  }

  private take(line: string): void {
    const answer = JSON.parse(line) as Answer
    const waiting = this.waiting.get(answer.id as number)
    this.waiting.delete(answer.id as number)
    if (typeof answer.error === 'string') waiting?.reject(new LabError(answer.error))
    else waiting?.resolve(answer)
  }

  /** Takes everything down; resolves when it is gone. */
  async close(): Promise<void> {
    this.child.stdin!.end()
    await this.ended
  }
}
