import { describe, expect, test } from 'vitest'
import { parseIptablesSave } from '../../src/parse/iptables-save.js'
import { parseIpvsadm } from '../../src/parse/ipvsadm.js'
import { recognise } from '../../src/parse/recognise.js'
import { printRuleset } from '../../src/print/iptables-save.js'
import { printIpvsList, printIpvsSave } from '../../src/print/ipvsadm.js'
import { comparable, type Exhibit, exhibits, familyOfKind, hasMuseum } from './museum.js'

const rules = exhibits('iptables-save', 'ip6tables-save')
const read = (text: string, e: Exhibit) =>
  parseIptablesSave(text, { file: e.path, family: familyOfKind(e.kind), backend: 'legacy' })
const errors = (result: ReturnType<typeof read>) => result.problems.filter(p => p.severity === 'error')

describe.skipIf(!hasMuseum)('real dumps (../shared/data/dumps)', () => {
  test.each(rules.filter(e => e.verdict === 'valid'))('$path prints as iptables prints it', e => {
    const result = read(e.text, e)
    expect(errors(result)).toEqual([])
    const printed = printRuleset(result.ruleset)
    expect(comparable(printed)).toEqual(comparable(e.canonical))
    expect(printRuleset(read(printed, e).ruleset)).toBe(printed)
  })

  test.each(rules.filter(e => e.verdict === 'invalid'))('$path is refused: $toolError', e => {
    const [first] = errors(read(e.text, e))
    expect(first?.line).toBeGreaterThan(0)
  })

  test.each(rules)('$path is recognised', e => {
    const kind = recognise(e.text)
    // Without a header or an address, nothing tells the families apart
    expect(kind === 'iptables-save' || kind === 'ip6tables-save').toBe(true)
    if (e.kind === 'iptables-save') expect(kind).toBe('iptables-save')
  })

  test.each(
    exhibits('ipvsadm-ln').filter(e => !/iqiyi|procfs|README\.md|lvsm|apply-services|get\.bats/.test(e.path)),
  )('$path prints as ipvsadm does', e => {
    const { ipvs, problems } = parseIpvsadm(e.text, { file: e.path })
    expect(problems).toEqual([])
    const saved = e.text.startsWith('-A')
    const printed = saved ? printIpvsSave(ipvs) : printIpvsList(ipvs)
    const again = parseIpvsadm(printed, { file: e.path })
    expect(again.problems).toEqual([])
    // The details of tunnels are read and not kept; the simulator does not ask for them
    if (!/tun-|TunnelInfo/.test(e.text)) expect(plain(printed)).toEqual(plain(e.text))
  })

  test.each(exhibits('ipvsadm-ln').filter(e => /iqiyi_dpvs|procfs/.test(e.path)))(
    '$path is of another program, and refused',
    e => {
      expect(parseIpvsadm(e.text, { file: e.path }).problems.length).toBeGreaterThan(0)
    },
  )
})

const plain = (text: string): readonly string[] =>
  text
    .split('\n')
    .map(line => line.trim().replace(/\s+/g, ' '))
    .filter(line => line !== '')
