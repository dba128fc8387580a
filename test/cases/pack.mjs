// Packs recorded cases into one small file: `node test/cases/pack.mjs FOLDER_OF_CASES OUT.json.br`.
// Left out is what neither the simulator nor the comparison reads: the JSON twins, and most of the trace heads.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const [from, to] = process.argv.slice(2)
if (!from || !to) {
  console.error('usage: node test/cases/pack.mjs FOLDER_OF_CASES OUT.json.br')
  process.exit(2)
}

const HEAD = /^(SRC|DST|SPORT|DPORT|ID)=|^(SYN|ACK)$/
const shortHead = head => {
  const words = head.trim().split(/\s+/)
  return [...words.slice(0, 3), ...words.slice(3).filter(word => HEAD.test(word))].join(' ')
}
const flowOf = ({ src, dst, proto, dport, sport, result, trace, conntrack, conntrack2, ipvs, randomPort, payload }) => ({
  src,
  dst,
  proto,
  dport,
  sport,
  result: { outcome: result.outcome, seen: result.seen },
  trace: trace && trace.map(([head, events]) => [shortHead(head), events]),
  conntrack,
  conntrack2,
  ipvs,
  randomPort,
  payload,
})

const cases = []
for (const name of readdirSync(from).sort()) {
  const dir = join(from, name)
  const files = {}
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(txt|yaml)$/.test(entry.name)) continue
    const path = join(entry.parentPath ?? entry.path, entry.name)
    files[relative(dir, path)] = readFileSync(path, 'utf8')
  }
  const { flows } = JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8'))
  cases.push({ name, files, flows: flows.map(flowOf) })
}
const text = Buffer.from(JSON.stringify(cases))
const packed = brotliCompressSync(text, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
})
writeFileSync(to, packed)
console.log(`${basename(to)}: ${cases.length} cases, ${text.length} bytes packed into ${packed.length}`)
