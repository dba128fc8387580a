// npm run bench: how long the dump of a large cluster takes to load, beside `iptables-nft-restore --test` in the
// same run. The size may be given: npm run bench -- SERVICES ENDPOINTS
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bigDump } from './big-dump.mjs'

const RUNS = 3
const [services = 10_000, endpoints = 10] = process.argv.slice(2).map(Number)
if (!(services > 0 && endpoints > 0)) throw new Error('usage: npm run bench -- [SERVICES [ENDPOINTS]]')

const folder = mkdtempSync(join(tmpdir(), 'nfsim-bench-'))
try {
  const file = join(folder, 'iptables-save.txt')
  const text = bigDump({ services, endpoints })
  writeFileSync(file, text)
  console.log(`${text.split('\n').length - 1} lines, ${(text.length / 2 ** 20).toFixed(1)} MiB`)
  const loads = Array.from({ length: RUNS }, () => load(file))
  const best = loads.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a))
  for (const l of loads)
    console.log(`nfsim: ${seconds(l.milliseconds)}, peak ${Math.round(l.peak / 1024)} MiB of memory`)
  console.log(
    `${best.rules} rules in ${best.chains} chains, ${best.errors} errors, ${best.warnings} warnings`,
  )
  const tool = restore(file)
  console.log(
    typeof tool === 'string'
      ? `iptables-nft-restore --test: not measured, ${tool}`
      : `iptables-nft-restore --test: ${seconds(tool)}; nfsim takes ${(best.milliseconds / tool).toFixed(2)} of that`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function load(file) {
  const script = join(import.meta.dirname, 'load-once.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`loading failed (is it built?): ${stderr}`)
  return JSON.parse(stdout)
}

/** Milliseconds that the tool takes to read the dump without loading it, or why that is not known. */
function restore(file) {
  // In a network namespace of its own: nothing of this machine is looked at or touched
  const start = performance.now()
  const run = spawnSync('unshare', ['-n', 'iptables-nft-restore', '--test', file], { encoding: 'utf8' })
  const took = performance.now() - start
  if (run.error) return run.error.message
  return run.status === 0
    ? took
    : run.stderr.trim().split('\n')[0] || `it ended with ${run.status ?? run.signal}`
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`
}
