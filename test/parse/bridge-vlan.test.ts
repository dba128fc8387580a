import { expect, test } from 'vitest'
import { parseBridgeVlan } from '../../src/parse/bridge-vlan.js'
import { recognise } from '../../src/parse/recognise.js'

const TEXT = `port              vlan-id  
br0               1 PVID Egress Untagged
eth0              1 PVID Egress Untagged
                  10 Egress Untagged
                  100-200
`
const JSON_TEXT = JSON.stringify([
  { ifname: 'br0', vlans: [{ vlan: 1, flags: ['PVID', 'Egress Untagged'] }] },
  {
    ifname: 'eth0',
    vlans: [
      { vlan: 1, flags: ['PVID', 'Egress Untagged'] },
      { vlan: 10, flags: ['Egress Untagged'] },
      { vlan: 100, vlanEnd: 200 },
    ],
  },
])

test.each([TEXT, JSON_TEXT, TEXT.replaceAll('\n', '\r\n')])('ports and their VLANs', text => {
  expect(recognise(text)).toBe('bridge-vlan')
  expect(parseBridgeVlan(text, 'x')).toEqual({
    vlans: [
      { port: 'br0', from: 1, to: 1, pvid: true, untagged: true },
      { port: 'eth0', from: 1, to: 1, pvid: true, untagged: true },
      { port: 'eth0', from: 10, to: 10, pvid: false, untagged: true },
      { port: 'eth0', from: 100, to: 200, pvid: false, untagged: false },
    ],
    problems: [],
  })
})

test.each(['eth0 0', 'eth0 4095', 'eth0 20-10', ' 10', 'eth0 x y'])('%j is refused', line => {
  expect(parseBridgeVlan(`port vlan-id\n${line}\n`, 'x').problems).toMatchObject([{ line: 2 }])
})
