import type { Host } from '../host.js'
import type { Random } from '../random.js'
import { Dump, numbered } from './dump.js'

/** istio-iptables inside a pod, in one of its two modes. */
export function istioDump(pod: Host, six: boolean, random: Random): Dump {
  const dump = new Dump()
  if (!six && random.chance(0.35)) transparent(dump, pod)
  else redirected(dump, six, random)
  return dump
}

/** What comes is given to Envoy's transparent socket, and answers find their way by a mark. */
function transparent(dump: Dump, pod: Host): void {
  const mark = '0x539/0xffffffff'
  pod.rules.push('32765:\tfrom all fwmark 0x539 lookup 133')
  pod.routes.push('local default dev lo table 133 scope host')
  dump.add(
    'mangle',
    'PREROUTING',
    '-p tcp -j ISTIO_INBOUND',
    '-p tcp -m mark --mark 0x539 -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff',
  )
  dump.add(
    'mangle',
    'OUTPUT',
    '-p tcp -m connmark --mark 0x539 -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff',
  )
  dump.add('mangle', 'ISTIO_DIVERT', `-j MARK --set-xmark ${mark}`, '-j ACCEPT')
  dump.add(
    'mangle',
    'ISTIO_TPROXY',
    `! -d 127.0.0.1/32 -p tcp -j TPROXY --on-port 8080 --on-ip 0.0.0.0 --tproxy-mark ${mark}`,
  )
  dump.add(
    'mangle',
    'ISTIO_INBOUND',
    '-p tcp -m tcp --dport 2483 -j RETURN',
    '-p tcp -m conntrack --ctstate RELATED,ESTABLISHED -j ISTIO_DIVERT',
    '-p tcp -j ISTIO_TPROXY',
  )
}

/** What comes and goes is led to Envoy's ports, but for what Envoy's own user sends. */
function redirected(dump: Dump, six: boolean, random: Random): void {
  const proxy = random.pick(['1337', '0'])
  const loop = six ? '::1/128' : '127.0.0.1/32'
  const sixth = six ? '::6/128' : '127.0.0.6/32'
  dump.add('nat', 'PREROUTING', '-p tcp -j ISTIO_INBOUND')
  dump.add('nat', 'OUTPUT', '-j ISTIO_OUTPUT')
  dump.add(
    'nat',
    'ISTIO_INBOUND',
    '-p tcp -m tcp --dport 2483 -j RETURN',
    ...(random.chance(0.7)
      ? ['-p tcp -j ISTIO_IN_REDIRECT']
      : ['-p tcp -m tcp --dport 80 -j ISTIO_IN_REDIRECT']),
  )
  dump.add('nat', 'ISTIO_IN_REDIRECT', `-p tcp ${numbered(six, 1)}-j REDIRECT --to-ports 8080`)
  dump.add(
    'nat',
    'ISTIO_REDIRECT',
    `-p tcp ${numbered(six, 2)}-j REDIRECT --to-ports ${random.pick(['80', '15001'])}`,
  )
  dump.add(
    'nat',
    'ISTIO_OUTPUT',
    `-s ${sixth} -o lo -j RETURN`,
    `! -d ${loop} -o lo -p tcp -m tcp ! --dport 53 -m owner --uid-owner ${proxy} -j ISTIO_IN_REDIRECT`,
    `-o lo -m owner ! --uid-owner ${proxy} -j RETURN`,
    ...(random.chance(0.6) ? [`-m owner --uid-owner 1337 -j RETURN`] : []),
    `-m owner --gid-owner 1337 -j RETURN`,
    `-d ${loop} -j RETURN`,
    '-j ISTIO_REDIRECT',
  )
  if (random.chance(0.4)) {
    dump.add(
      'nat',
      'ISTIO_OUTPUT_DNS',
      `-p udp -m udp --dport 53 ${numbered(six, 3)}-j REDIRECT --to-ports 8080`,
    )
    dump.insert('nat', 'OUTPUT', '-j ISTIO_OUTPUT_DNS', 0)
    dump.add('raw', 'OUTPUT', '-p udp -m udp --dport 53 -m owner --uid-owner 0 -j CT --zone 1')
    dump.add('raw', 'PREROUTING', '-p udp -m udp --sport 53 -j CT --zone 1')
  }
}
