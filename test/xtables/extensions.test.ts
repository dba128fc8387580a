import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { allExtensions } from '../../src/xtables/registry.js'
import { cli } from '../cli/run-cli.js'

const extensions = allExtensions().map(e => [`${e.kind} ${e.name} ${e.family ?? ''}`.trim(), e] as const)

/** A match or target that nobody can look up is half a one. */
describe.each(extensions)('%s', (_, e) => {
  test('says what it is, how it is used, and which kernel function it follows', () => {
    expect(e.summary).toMatch(/^\S.{9,99}[^.\s]$/)
    expect(e.doc).toMatch(/^\S.{19,}[.!?]$/s)
    expect(e.kernel).toMatch(/^\S+\.[ch]\b/)
  })

  test('has a table of lines', () => {
    const file = new URL(`${e.kind === 'match' ? 'matches' : 'targets'}/${e.name}.t`, import.meta.url)
    expect(existsSync(file), file.pathname).toBe(true)
    expect(readFileSync(file, 'utf8')).toContain(e.name)
  })

  test('is shown by `nfsim extensions NAME`', async () => {
    const { code, out } = await cli('extensions', e.name)
    expect(code).toBe(0)
    expect(out).toContain(`${e.kind} ${e.name}: `)
    for (const { flags } of Object.values(e.options)) expect(out).toContain(flags[0])
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })
})

test('all of iptables-extensions(8) 1.8.9 are there', async () => {
  const { out } = await cli('extensions', '--format', 'json')
  const names = new Set((JSON.parse(out) as { name: string }[]).map(e => e.name))
  const manual = `addrtype ah bpf cgroup cluster comment connbytes connlabel connlimit connmark conntrack cpu dccp
    devgroup dscp dst ecn esp eui64 frag hashlimit hbh helper hl icmp icmp6 iprange ipv6header ipvs length limit mac
    mark mh multiport nfacct osf owner physdev pkttype policy quota rateest realm recent rpfilter rt sctp set socket
    srh state statistic string tcp tcpmss time tos ttl u32 udp
    AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNAT DNPT DSCP ECN HL HMARK IDLETIMER LED LOG MARK
    MASQUERADE NETMAP NFLOG NFQUEUE NOTRACK RATEEST REDIRECT REJECT SECMARK SET SNAT SNPT SYNPROXY TCPMSS
    TCPOPTSTRIP TEE TOS TPROXY TRACE TTL ULOG`
  expect(manual.split(/\s+/).filter(name => !names.has(name))).toEqual([])
})
