// Loads one dump in a process of its own and tells time and memory as JSON: node load-once.mjs FILE
import { readFileSync } from 'node:fs'

const { parseIptablesSave } = await import('../../dist/parse/iptables-save.js')
const text = readFileSync(process.argv[2], 'utf8')
const start = performance.now()
const { ruleset, problems } = parseIptablesSave(text, { file: 'bench', family: 'ipv4', backend: 'nft' })
const milliseconds = performance.now() - start
const chains = ruleset.tables.flatMap(table => table.chains)
const report = {
  milliseconds,
  rules: chains.reduce((sum, chain) => sum + chain.rules.length, 0),
  chains: chains.length,
  errors: problems.filter(p => p.severity === 'error').length,
  warnings: problems.filter(p => p.severity === 'warning').length,
  // In KiB, of the whole process
  peak: process.resourceUsage().maxRSS,
}
console.log(JSON.stringify(report))
