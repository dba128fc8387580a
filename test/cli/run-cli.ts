import { Readable } from 'node:stream'
import type { Io } from '../../src/cli/io.js'
import { run } from '../../src/cli/run.js'

export interface Done {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the program in this process, on a terminal of 100 columns without colour. */
export async function cli(...argv: readonly string[]): Promise<Done> {
  return cliWith({}, ...argv)
}

export async function cliWith(
  world: { readonly stdin?: string | Iterable<Buffer>; readonly columns?: number; readonly color?: boolean },
  ...argv: readonly string[]
): Promise<Done> {
  const { stdin = '' } = world
  let out = ''
  let err = ''
  const io: Io = {
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
    stdin: () => Readable.from(typeof stdin === 'string' ? [Buffer.from(stdin)] : stdin),
    columns: world.columns ?? 100,
    color: world.color ?? false,
  }
  const code = await run(argv, io)
  return { code, out, err }
}
