import { createInterface } from 'node:readline'
import { agentProgram } from './agent-program.js'
import { becomeAgent, hereWith, PREFIX, type Transport } from './transport.js'

/** The lab could not do what it must: a tool failed, or the agent died. The message says which, and how. */
export class LabError extends Error {
  override readonly name = 'LabError'
}

/** What the agent says first, unasked, has this number. */
const HELLO = 0

type Answer = Readonly<Record<string, unknown>>

/** What the agent's machine is. */
export interface Machine {
  /** `6.18.44`, as `uname -r` has it. */
  readonly release: string
  /** `v1.8.9 (nf_tables)` */
  readonly iptables: string
  /** Seconds that it takes a small program to start and end. */
  readonly pace: number
}

/** What not every kernel has, or has not loaded yet. */
export type Ability = 'ipvs' | 'dummy' | 'bridge-nf' | 'legacy-trace' | 'sctp'

interface Hello {
  readonly pid: number
  readonly machine: Machine
}

/** The agent process and the questions that wait for its answers. */
export class Agent {
  private readonly waiting = new Map<number, { resolve(a: Answer): void; reject(e: Error): void }>()
  private nextId = 1
  private nextSpace = 1
  private readonly ended: Promise<void>
  private readonly abilities = new Map<Ability, Promise<boolean>>()
  private hello: Hello | undefined
  private last = ''

  /** It can be asked. @throws LabError if no agent comes to life there */
  readonly ready: Promise<void>

  constructor(private readonly transport: Transport = hereWith(agentProgram())) {
    const { child } = transport
    createInterface({ input: child.stdout! }).on('line', line => this.take(line))
    child.stderr!.on('data', data => {
      this.last = `${this.last}${data}`.slice(-2000)
    })
    child.stdin!.on('error', () => {})
    this.ended = new Promise(resolve => {
      const fail = (why: string) => {
        const words = [why, this.last, transport.lastWords?.() ?? ''].join('\n').trim()
        for (const { reject } of this.waiting.values()) reject(new LabError(words))
        this.waiting.clear()
        resolve()
      }
      child.on('error', error => fail(error.message))
      child.on('exit', () => fail('the agent ended'))
    })
    this.ready = new Promise<Answer>((resolve, reject) => {
      this.waiting.set(HELLO, { resolve, reject })
    }).then(answer => {
      this.hello = answer as never as Hello
      transport.started?.()
    })
    this.ready.catch(() => {})
    // nothing else is sent until it answers: a shell may read ahead what is the agent's
    if (transport.isShell) child.stdin!.write(becomeAgent(agentProgram()))
  }

  /** The machine that the worlds are built on. */
  get machine(): Machine {
    return this.hello!.machine
  }

  /** Its kernel as a snapshot names it: `6.18`. */
  get kernel(): string {
    const { release } = this.machine
    return /^\d+\.\d+/.exec(release)?.[0] ?? release
  }

  /** A fresh name of a namespace; the number of the process that owns it is in it, so that leftovers are known. */
  newSpace(): string {
    return `${PREFIX}-${this.hello!.pid}-${this.nextSpace++}`
  }

  /** @throws LabError if the agent could not do it */
  ask(op: string, question: object = {}): Promise<Answer> {
    const id = this.nextId++
    return new Promise<Answer>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.transport.child.stdin!.write(`${JSON.stringify({ id, op, ...question })}\n`)
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

  /** Does the kernel there have it? It is asked once. */
  can(what: Ability): Promise<boolean> {
    const asked = this.abilities.get(what) ?? this.ask('can', { what }).then(a => a.can === true)
    this.abilities.set(what, asked)
    return asked
  }

  private take(line: string): void {
    // a shell may greet first
    if (!line.startsWith('{')) return
    const answer = JSON.parse(line) as Answer
    const waiting = this.waiting.get(answer.id as number)
    this.waiting.delete(answer.id as number)
    if (typeof answer.error === 'string') waiting?.reject(new LabError(answer.error))
    else waiting?.resolve(answer)
  }

  /** Takes everything down; resolves when it is gone. */
  async close(): Promise<void> {
    if (this.transport.end) this.transport.end()
    else this.transport.child.stdin!.end()
    await this.ended
  }
}
