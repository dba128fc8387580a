import { expect, test } from 'vitest'
import { renderConntrack } from '../../src/render/conntrack.js'
import { parseCapture, renderTcpdump } from '../../src/render/tcpdump.js'
import { fixture } from './fixture.js'

test('conntrack lines stand alone; a heading names the namespace where there are several', () => {
  const talk = fixture()
  const line = talk.conntrack.n1![0]!
  expect(renderConntrack(talk)).toBe(`${line}\n`)
  expect(renderConntrack({ ...talk, conntrack: { n1: [line], n2: [line], n3: [] } })).toBe(
    `# n1\n${line}\n# n2\n${line}\n`,
  )
})

test('tcpdump lines have the time, the interface and the direction of tcpdump -i any', () => {
  expect(renderTcpdump(fixture(), parseCapture('busybox:eth0'))).toMatch(
    /^00:00:00\.000000 eth0 {2}Out IP 192\.168\.0\.236\.41000 > 192\.168\.134\.205\.3306: Flags \[S\], .*length 0\n$/,
  )
  const all = renderTcpdump(fixture())
  expect(all).toContain('# busybox\n')
  expect(all).toContain('\n01:01:01.000001 veth71aa04df In  IP ')
  expect(renderTcpdump(fixture(), parseCapture('nowhere'))).toBe('')
})

test('a namespace may have a colon-free slash in its name', () => {
  expect(parseCapture('n1/pod:eth0')).toEqual({ netns: 'n1/pod', iface: 'eth0' })
  expect(parseCapture('any')).toEqual({ iface: 'any' })
})
