import { describe, expect, test } from 'vitest'
import { cliWith } from '../cli/run-cli.js'
import { exhibits, hasMuseum } from './museum.js'

/** All kinds of dumps of INDEX.tsv through `nfsim parse`: what is read, what is refused, and at which line. */
const parse = (text: string, ...more: string[]) => cliWith({ stdin: text }, 'parse', '-', ...more)

/** Not from Linux' own tools, or cut, or drawn up by hand: refused, each with its line. */
const REFUSED: readonly (readonly [path: RegExp, line: number, why: string])[] = [
  [/netstat_rn|route-(vn|ee)\.out|\broute\.out|__route\.out/, 1, 'route-list'],
  [/addr_brief/, 1, 'ip -br'],
  [/real_stats/, 1, 'conntrack -S'],
]

describe.skipIf(!hasMuseum)('every dump (../shared/data/dumps/INDEX.tsv)', () => {
  test.each(exhibits('ipset-save'))('$path ($verdict)', async e => {
    const { code, out, err } = await parse(e.text, '--kind', 'ipset-save')
    expect([code === 0 ? 'valid' : 'invalid', err]).toEqual([e.verdict, e.verdict === 'valid' ? '' : err])
    const told = /line (\d+)/.exec(e.toolError)?.[1]
    if (code !== 0 && told !== undefined) expect(err).toContain(`<stdin>:${told}:`)
    if (code === 0) expect((await parse(out, '--kind', 'ipset-save')).out).toBe(out)
  })

  test.each(exhibits('conntrack', 'routes', 'ipvsadm-ln'))('$path', async e => {
    const { code, out, err } = await parse(e.text)
    const refused = REFUSED.find(([path]) => path.test(e.path))
    if (refused) expect([code, err.includes(`<stdin>:${refused[1]}:`)]).toEqual([3, true])
    // whatever it is: read and printed so that it is read again, or refused with its place
    if (code === 3) expect(err).toMatch(/^<stdin>:\d+:\d+: /)
    else {
      expect(code).toBe(0)
      const again = await parse(out)
      expect([again.code, again.out]).toEqual([0, out])
      expect((await parse(e.text, '--format', 'json')).code).toBe(0)
    }
  })

  test('all that a kernel or its tools printed is read', async () => {
    const real = exhibits('conntrack', 'routes').filter(
      e => /\/real_/.test(e.path) && !REFUSED.some(([path]) => path.test(e.path)),
    )
    expect(real.length).toBeGreaterThan(8)
    for (const e of real) expect([e.path, (await parse(e.text)).code]).toEqual([e.path, 0])
  })
})

describe('ipset restore', () => {
  const lines = (...text: string[]) => parse(text.join('\n'), '--kind', 'ipset-save', '--format', 'json')
  test('rename, swap, flush, del and destroy', async () => {
    const { out } = await lines(
      'create a hash:ip',
      'add a 1.1.1.1',
      'create b hash:ip',
      'swap a b',
      'rename b c',
      'add c 2.2.2.2',
      'del c 1.1.1.1',
      'create d hash:ip',
      'destroy d',
    )
    const sets = JSON.parse(out).sets as { name: string; entries: { element: string }[] }[]
    expect(sets.map(s => [s.name, s.entries.map(x => x.element)])).toEqual([
      ['a', []],
      ['c', ['2.2.2.2']],
    ])
  })

  test.each([
    ['create a hash:bogus', 1],
    ['create a hash:ip\nadd a 1.2.3.4/33', 2],
    ['create a hash:ip\nadd a fe80::1', 2],
    ['create a hash:ip family inet6\nadd a 1.2.3.4', 2],
    ['create a hash:ip,port\nadd a 1.2.3.4', 2],
    ['create a hash:ip,port\nadd a 1.2.3.4,tcp:99999', 2],
    ['create a hash:ip,port\nadd a 1.2.3.4,foo:9', 2],
    ['create a hash:ip,mark\nadd a 1.1.1.1,0x1ffffffff', 2],
    ['create a hash:ip,mac\nadd a 1.1.1.1,00:11', 2],
    ['create a list:set\nadd a b', 2],
    ['create a hash:ip bogus 3', 1],
    ['create a hash:ip timeout', 1],
    ['create a hash:ip\nadd a 1.1.1.1 timeout x', 2],
    ['create a hash:ip\ncreate a hash:ip', 2],
    ['swap a b', 1],
  ])('%j is refused at line %i', async (text, line) => {
    const { code, err } = await parse(text, '--kind', 'ipset-save')
    expect([code, err.slice(0, 10)]).toEqual([3, `<stdin>:${line}:`])
  })

  test.each([
    'create a hash:net,iface\nadd a 10.0.0.0/8,physdev:eth0',
    'create a bitmap:ip,mac range 1.1.1.0/24\nadd a 1.1.1.1',
    'create a bitmap:port range 1-1000\nadd a 1-20',
    'create a hash:ip,port,net\nadd a 1.1.1.1,icmp:echo-request,10.0.0.0/8',
    'create a hash:net\nadd a 10.0.0.0-10.0.0.255 nomatch',
    'create a hash:ip skbinfo comment\nadd a 1.1.1.1 skbmark 0x1/0xff skbprio 1:2 comment "x y"',
  ])('%j is taken', async text => {
    expect(await parse(text, '--kind', 'ipset-save')).toEqual({ code: 0, out: `${text}\n`, err: '' })
  })
})
