import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Header } from '../../src/model/ruleset.js'
import { parseIptablesSave } from '../../src/parse/iptables-save.js'
import { formatIp, ipBits } from '../../src/values/ip.js'
import { compileHeader, explainHeader } from '../../src/xtables/header-match.js'
import { packet } from './targets/env.js'

function header(options: string, family: 'ipv4' | 'ipv6' = 'ipv4'): Header {
  const { ruleset, problems } = parseIptablesSave(`*filter\n-A FORWARD ${options} -j ACCEPT\nCOMMIT\n`, {
    file: 'rule',
    family,
    backend: 'legacy',
  })
  expect(problems).toEqual([])
  return ruleset.tables[0]!.chains.flatMap(c => c.rules)[0]!.header
}
function fits(options: string, p = packet(), inDev?: string, outDev?: string): string {
  const h = header(options, p.family)
  const fit = compileHeader(h, p.family, 'legacy')(p, ipBits(p.src), ipBits(p.dst), inDev, outDev)
  const why = explainHeader(h, p, inDev, outDev)
  expect(why === '').toBe(fit)
  return fit ? 'yes' : why
}

describe('what the header asks, and which part fails', () => {
  const fragment = packet({ fragmentOffset: 1480 })
  const six = packet({ from: 'fd00::1', to: 'fd00::2' })
  test.each([
    ['', packet(), undefined, undefined, 'yes'],
    ['-s 10.0.0.0/24', packet(), undefined, undefined, 'yes'],
    ['-s 10.0.1.0/24', packet(), undefined, undefined, 'source 10.0.0.1 is not in 10.0.1.0/24'],
    ['! -s 10.0.0.0/24', packet(), undefined, undefined, 'source 10.0.0.1 is in 10.0.0.0/24'],
    ['-d 0.0.0.2/0.0.0.255', packet(), undefined, undefined, 'yes'],
    ['! -s 0.0.0.0/0', packet(), undefined, undefined, 'source 10.0.0.1 is in 0.0.0.0/0'],
    ['-d 200.0.0.0/8', packet({ to: '200.1.2.3' }), undefined, undefined, 'yes'],
    ['-i eth0', packet(), 'eth0', undefined, 'yes'],
    ['-i eth0', packet(), 'eth01', undefined, 'input device eth01 is not eth0'],
    ['-i eth+', packet(), 'eth01', undefined, 'yes'],
    ['-o eth+', packet(), 'eth0', undefined, 'output device (none) is not eth+'],
    ['! -o eth0', packet(), 'eth0', undefined, 'yes'],
    ['! -i +', packet(), 'eth0', undefined, 'input device eth0 is +'],
    ['-p udp', packet(), undefined, undefined, 'protocol tcp is not udp'],
    ['! -p tcp', packet(), undefined, undefined, 'protocol is tcp'],
    ['-p all', packet(), undefined, undefined, 'yes'],
    ['-f', packet(), undefined, undefined, 'it is no second or further fragment'],
    ['-f', fragment, undefined, undefined, 'yes'],
    ['! -f', fragment, undefined, undefined, 'it is a second or further fragment'],
    ['-s fd00::/64 -d fd00::2', six, undefined, undefined, 'yes'],
    ['-d fd00:1::/64', six, undefined, undefined, 'destination fd00::2 is not in fd00:1::/64'],
    ['-s ::1/::ffff', six, undefined, undefined, 'yes'],
  ])('%s', (options, p, inDev, outDev, expected) => {
    expect(fits(options, p, inDev, outDev)).toBe(expected)
  })
})

test('an address fits a network if their bits under the mask are equal', () => {
  const word = fc.integer({ min: 0, max: 0xffffffff })
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 32 }), (a, b, length) => {
      const [seen, asked] = [formatIp([a]), formatIp([b])]
      const same = length === 0 || a >>> (32 - length) === b >>> (32 - length)
      const p = packet({ from: seen, to: '10.0.0.2' })
      expect(fits(`-s ${asked}/${length}`, p) === 'yes').toBe(same)
      expect(fits(`! -s ${asked}/${length}`, p) === 'yes').toBe(!same)
    }),
  )
})
