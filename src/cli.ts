#!/usr/bin/env node
import type { Io } from './cli/io.js'
import { run } from './cli/run.js'

// the reader of a pipe may leave early (`nfsim trace | head`): that is not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const { stdout, env } = process
const io: Io = {
  out: text => void stdout.write(text),
  err: text => void process.stderr.write(text),
  stdin: () => process.stdin,
  columns: stdout.columns ?? (Number(env.COLUMNS) || 80),
  color: (stdout.isTTY && !env.NO_COLOR && env.TERM !== 'dumb') || Boolean(env.FORCE_COLOR),
}
process.exitCode = await run(process.argv.slice(2), io)
