import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, scratch, whyNot } from './scratch.js'

/**
 * The `.t` files of the targets, asked of the iptables at hand: at least one of its two back ends takes, prints or
 * refuses each line as the file says. Needs root, network namespaces, iptables 1.8.9 and ipset.
 */
const { name: NETNS, inside } = scratch('targets')
const why = whyNot('iptables-nft', ['ipset'])

const FOLDER = new URL('../xtables/targets/', import.meta.url)
// kernels of today refuse these whatever is asked; and these rules need something loaded that tells nothing
const GONE = ['LED.t', 'ULOG.t', 'CLUSTERIP.t', 'SECMARK.t']

interface Line {
  readonly table: string
  readonly chain: string
  readonly rule: string
  readonly what: string
  readonly verdict: string
}

function linesOf(file: string): Line[] {
  let table = 'filter'
  let chain = 'FORWARD'
  const out: Line[] = []
  for (const line of readFileSync(new URL(file, FOLDER), 'utf8').split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    else if (line.startsWith(':')) chain = line.slice(1)
    else if (line !== '' && !line.startsWith('#')) {
      const [rule = '', what = '', verdict = ''] = line.split('; ')
      out.push({ table, chain, rule, what, verdict })
    }
  }
  return out
}

/** What a back end prints for a rule; undefined: it refuses it. */
function ask(backend: 'legacy' | 'nft', { table, chain, rule }: Line): string | undefined {
  const six = rule.startsWith('-6 ')
  const tool = `${six ? 'ip6' : 'ip'}tables-${backend}`
  const text = `*${table}\n-A ${chain} ${six ? rule.slice(3) : rule}\nCOMMIT\n`
  if (inside([`${tool}-restore`], text).status !== 0) return undefined
  const saved = inside([`${tool}-save`, '-t', table]).stdout
  inside([tool, '-t', table, '-F'])
  return saved
    .split('\n')
    .filter(l => l.startsWith(`-A ${chain} `))
    .map(l => l.slice(`-A ${chain} `.length))
    .join('\n')
}

describe.skipIf(why !== undefined)(`targets against iptables${why ? ` (skipped: ${why})` : ''}`, () => {
  beforeAll(() => {
    run('ip', ['netns', 'add', NETNS])
    const sets = ['s4 hash:ip', 's4p hash:ip,port', 'st hash:ip timeout 10', 'sk hash:ip skbinfo']
    for (const set of [...sets, 's6 hash:ip family inet6']) inside(['ipset', 'create', ...set.split(' ')])
  })
  afterAll(() => {
    run('ip', ['netns', 'del', NETNS])
  })
  test.each(readdirSync(FOLDER).filter(f => f.endsWith('.t') && !GONE.includes(f)))('%s', file => {
    for (const line of linesOf(file)) {
      const answers = [ask('legacy', line), ask('nft', line)]
      const plain = line.rule.replace(/^-6 /, '')
      const expected = line.verdict === 'FAIL' ? undefined : line.what === '=' ? plain : line.what
      expect(answers, line.rule).toContain(expected)
    }
  })
})
