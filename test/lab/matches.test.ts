import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, scratch, whyNot } from './scratch.js'

/**
 * The `.t` files of the matches and of bare rules, asked of the iptables at hand: it takes, prints or refuses each
 * line as the file says. Needs root, network namespaces, iptables 1.8.9 (legacy) and ipset.
 */
const { name: NETNS, inside } = scratch('matches')
const why = whyNot('iptables-legacy', ['ipset'])

const FOLDER = new URL('../xtables/matches/', import.meta.url)
// their modules or objects are rarely there
const GONE = ['ipvs.t', 'rateest.t', 'nfacct.t']
const BUILTIN = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']

/** What the tool prints for a rule; undefined: it refuses it. */
function ask(table: string, chain: string, rule: string): string | undefined {
  const six = rule.startsWith('-6 ')
  const tool = `${six ? 'ip6' : 'ip'}tables-legacy`
  const declared = BUILTIN.includes(chain) ? '' : `:${chain} -\n`
  const text = `*${table}\n${declared}-A ${chain} ${six ? rule.slice(3) : rule}\nCOMMIT\n`
  if (inside([`${tool}-restore`], text).status !== 0) return undefined
  return inside([`${tool}-save`, '-t', table])
    .stdout.split('\n')
    .filter(l => l.startsWith(`-A ${chain}`))
    .map(l => l.slice(`-A ${chain}`.length).trim())
    .join(' // ')
}

describe.skipIf(why !== undefined)(`matches against iptables${why ? ` (skipped: ${why})` : ''}`, () => {
  beforeAll(() => {
    run('ip', ['netns', 'add', NETNS])
    for (const set of ['s1 hash:ip', 's3 hash:ip,port,net', 'a hash:ip', 'b hash:ip'])
      inside(['ipset', 'create', ...set.split(' ')])
  })
  afterAll(() => {
    run('ip', ['netns', 'del', NETNS])
  })
  const files = readdirSync(FOLDER).filter(f => f.endsWith('.t') && !GONE.includes(f))
  test.each([...files, '../rule.t'])('%s', file => {
    let [table, chain] = ['filter', 'FORWARD']
    for (const line of readFileSync(new URL(file, FOLDER), 'utf8').split('\n')) {
      if (line.startsWith('*')) table = line.slice(1)
      else if (line.startsWith(':')) chain = line.slice(1)
      else if (line !== '' && !line.startsWith('#') && !line.startsWith('? ')) {
        const [rule = '', what = '', verdict = ''] = line.split('; ')
        const wanted = verdict === 'FAIL' ? undefined : what === '=' ? rule.replace(/^-6 /, '') : what
        expect([line, ask(table, chain, rule)]).toEqual([line, wanted])
      }
    }
  })
})
