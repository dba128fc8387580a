import { describe, expect, test } from 'vitest'
import { parseIptablesSave } from '../../../src/parse/iptables-save.js'
import { findMatch } from '../../../src/xtables/registry.js'
import { memory } from '../targets/env.js'
import { world } from './world.js'

/** Sends packets, described as in world.ts, through one rule; Y or N for each. */
function sent(rule: string, packets: readonly string[]): string {
  const { ruleset, problems } = parseIptablesSave(`*filter\n-A FORWARD ${rule}\nCOMMIT\n`, {
    file: 'rule',
    family: 'ipv4',
    backend: 'legacy',
  })
  expect(problems).toEqual([])
  const read = ruleset.tables[0]!.chains.flatMap(c => c.rules)[0]!
  const remembers = memory()
  return packets
    .map(text => {
      const env = world(text, { table: 'filter', chain: 'FORWARD', family: 'ipv4', rule: read, remembers })
      const answers = read.matches.map(use => {
        if (!use.known) throw new Error('unknown')
        return findMatch(use.name, 'ipv4')!.match(env, use.args as never)
      })
      return answers.every(a => a === true) ? 'Y' : answers.includes(false) ? 'N' : '?'
    })
    .join('')
}
const times = (n: number, text = ''): string[] => new Array<string>(n).fill(text)

describe('statistic --mode nth counts the packets that reach it', () => {
  test.each([
    ['--every 3 --packet 0', 'YNNYNN'],
    ['--every 3 --packet 1', 'NYNNYN'],
    ['--every 3 --packet 2', 'NNYNNY'],
    ['! --every 3 --packet 0', 'NYYNYY'],
    ['--every 1 --packet 0', 'YYYYYY'],
  ])('%s', (options, expected) => {
    expect(sent(`-m statistic --mode nth ${options}`, times(6))).toBe(expected)
  })
})

describe('limit', () => {
  test('the burst, then one at the rate', () => {
    expect(
      sent('-m limit --limit 1/sec --limit-burst 2', [
        ...times(3),
        'now=0.5',
        'now=1',
        'now=1.1',
        'now=10',
        'now=10',
        'now=10',
      ]),
    ).toBe('YYNNYNYYN')
  })
  test('3/hour, burst 5, if nothing is said', () => {
    expect(sent('-m limit', [...times(6), 'now=1199', 'now=1200'])).toBe('YYYYYNNY')
  })
})

describe('hashlimit', () => {
  test('a bucket for each source', () => {
    const rule =
      '-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name a'
    expect(sent(rule, ['', '', 'from=10.0.0.9', 'now=1'])).toBe('YNYY')
  })
  test('--hashlimit-above fits what goes beyond', () => {
    expect(
      sent('-m hashlimit --hashlimit-above 1/sec --hashlimit-burst 1 --hashlimit-name a', ['', '', 'now=1']),
    ).toBe('NYN')
  })
  test('networks share a bucket under --hashlimit-srcmask', () => {
    const rule =
      '-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-srcmask 24 --hashlimit-name a'
    expect(sent(rule, ['', 'from=10.0.0.9', 'from=10.0.1.9'])).toBe('YNY')
  })
  test('bytes', () => {
    const rule = '-m hashlimit --hashlimit-upto 1kb/s --hashlimit-name a'
    expect(sent(rule, ['udp len=900', 'udp len=900', 'udp len=900 now=1'])).toBe('YNY')
  })
})

describe('recent', () => {
  test('--set remembers and --rcheck asks', () => {
    expect(
      sent('-m recent --set --name a -m recent --rcheck --hitcount 3 --name a', [
        '',
        '',
        '',
        'from=10.0.0.9',
      ]),
    ).toBe('NNYN')
  })
  test('--seconds looks back so far', () => {
    expect(
      sent('-m recent --set --name a -m recent --rcheck --seconds 5 --hitcount 2 --name a', [
        '',
        'now=10',
        'now=14',
        'now=15',
      ]),
    ).toBe('NNYY')
  })
  test('--remove forgets', () => {
    expect(
      sent('-m recent --set --name a -m recent --remove --name a -m recent ! --rcheck --name a', ['', '']),
    ).toBe('YY')
  })
  test('lists of other names are others', () => {
    expect(sent('-m recent --set --name a -m recent --rcheck --name b', [''])).toBe('N')
  })
})

test('quota is used up, and then nothing fits', () => {
  expect(sent('-m quota --quota 150', ['udp len=72', 'udp len=72', 'udp len=1'])).toBe('YNN')
})

test('two uses of one extension in a rule count each for themselves', () => {
  const rule = '-m statistic --mode nth --every 2 --packet 0 -m statistic --mode nth --every 3 --packet 0'
  expect(sent(rule, times(6))).toBe('YNNNNN')
})
