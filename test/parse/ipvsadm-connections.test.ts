import { describe, expect, test } from 'vitest'
import { parseIpvsConnections } from '../../src/parse/ipvsadm-connections.js'

const HEAD = [
  'IPVS connection entries',
  'pro expire state       source             virtual            destination',
]
const read = (...lines: string[]) => parseIpvsConnections(`${[...HEAD, ...lines].join('\n')}\n`, 'c')
const said = (...lines: string[]) => read(...lines).problems.map(p => `${p.line}:${p.column} ${p.message}`)

describe('ipvsadm -Lnc', () => {
  test('connections, templates, both families', () => {
    const { connections, problems } = read(
      'TCP 14:57  ESTABLISHED 10.0.0.2:41001     10.0.0.100:80      10.0.0.11:8080',
      'TCP 04:57  ASSURED     10.0.0.2:0         10.0.0.100:80      10.1.1.2:80',
      'UDP 04:58  UDP         [fd00::2]:41007    [fd00::100]:54     [fd01::2]:5454',
      'IP  180:00 NONE        10.0.0.2:0         0.0.0.7:0          10.1.1.2:0',
      'SCTP 00:02  REJECTED    10.0.0.2:41015     10.0.0.100:81      10.1.1.2:8181',
    )
    expect(problems).toEqual([])
    expect(connections.map(c => [c.proto, c.expires, c.state, c.client.port, c.server.port, c.line])).toEqual(
      [
        [6, 897, 'ESTABLISHED', 41001, 8080, 3],
        [6, 297, 'ASSURED', 0, 80, 4],
        [17, 298, 'UDP', 41007, 5454, 5],
        [0, 10800, 'NONE', 0, 0, 6],
        [132, 2, 'REJECTED', 41015, 8181, 7],
      ],
    )
  })

  test.each([
    ['what is this', '3:1 not a connection of IPVS'],
    ['TCP soon', '3:5 expected the time that is left'],
    ['TCP 14:57', '3:10 expected the state'],
    ['TCP 14:57 ESTABLISHED 10.0.0.2:41001 10.0.0.100:80', '3:51 expected the real server in numbers'],
    ['TCP 14:57 ESTABLISHED client:41001', '3:23 expected the client in numbers'],
    ['TCP 14:57 ESTABLISHED 10.0.0.2:99999 1.1.1.1:1 1.1.1.1:1', '3:23 expected the client'],
    ['TCP 14:57 ESTABLISHED fd00::2:80 1.1.1.1:1 1.1.1.1:1', '3:23 expected the client'],
  ])('%s', (line, start) => {
    const [first] = said(line)
    expect(first?.slice(0, start.length)).toBe(start)
  })

  test('twice', () => {
    const line = 'TCP 14:57  ESTABLISHED 10.0.0.2:41001 10.0.0.100:80 10.0.0.11:8080'
    expect(said(line, line)).toHaveLength(1)
  })
})
