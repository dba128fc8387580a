import { expect, test } from 'vitest'
import { describeMaker, makerOf } from '../../src/diagnosis/provenance.js'

test.each([
  [
    'KUBE-SERVICES',
    '-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y',
    'kube-proxy',
    'Service default/kubernetes:https',
  ],
  [
    'KUBE-SEP-ABCDEFGHIJKLMNOP',
    '-A KUBE-SEP-ABCDEFGHIJKLMNOP -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.244.1.3:8080',
    'kube-proxy',
    'Service default/web:http, endpoint 10.244.1.3:8080',
  ],
  [
    'KUBE-NODEPORTS',
    '-A KUBE-NODEPORTS -p tcp -m comment --comment "default/web:http" -m tcp --dport 30080 -j KUBE-EXT-P4TLLJS3XXCJQF4D',
    'kube-proxy',
    'Service default/web:http, node port 30080',
  ],
  [
    'PREROUTING',
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    'kube-proxy',
  ],
  ['POSTROUTING', '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE', 'Docker'],
  ['FORWARD', '-A FORWARD -j DOCKER-USER', 'Docker'],
  ['FLANNEL-POSTRTG', '-A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE', 'flannel'],
  [
    'cali-FORWARD',
    '-A cali-FORWARD -m comment --comment "cali:vjrMJCRpqwy5oRoX" -j MARK --set-xmark 0x0/0xe0000',
    'Calico',
  ],
  ['INPUT', '-A INPUT -m comment --comment "cali:Cz_u1IQiXIMmKD4c" -j cali-INPUT', 'Calico'],
  ['KUBE-POD-FW-ABCDEFGHIJKLMNOP', '-A KUBE-POD-FW-ABCDEFGHIJKLMNOP -j REJECT', 'kube-router'],
  ['KUBE-ROUTER-FORWARD', '-A KUBE-ROUTER-FORWARD -j ACCEPT', 'kube-router'],
  [
    'IN_public_allow',
    '-A IN_public_allow -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW,UNTRACKED -j ACCEPT',
    'firewalld',
  ],
  ['ufw-user-input', '-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT', 'ufw'],
  ['LIBVIRT_FWO', '-A LIBVIRT_FWO -i virbr0 -j REJECT --reject-with icmp-port-unreachable', 'libvirt'],
  ['ISTIO_OUTPUT', '-A ISTIO_OUTPUT -o lo -j RETURN', 'Istio'],
  ['NETAVARK-ABCDEF0123456', '-A NETAVARK-ABCDEF0123456 -j ACCEPT', 'podman (netavark)'],
  ['CILIUM_FORWARD', '-A CILIUM_FORWARD -o cilium_host -j ACCEPT', 'Cilium'],
  [
    'CNI-HOSTPORT-DNAT',
    '-A CNI-HOSTPORT-DNAT -p tcp -j CNI-DN-0123456789abcdef01234',
    'the CNI portmap plugin',
  ],
])('%s: %s', (chain, text, by, about?: string) => {
  const maker = makerOf({ chain, text })
  expect(maker?.by).toBe(by)
  if (about !== undefined) expect(maker?.about).toBe(about)
})

test('nobody is named where nobody is known', () => {
  expect(makerOf({ chain: 'FORWARD', text: '-A FORWARD -s 1.2.3.4/32 -j DROP' })).toBeUndefined()
  expect(describeMaker({ chain: 'FORWARD', text: '-A FORWARD -s 1.2.3.4/32 -j DROP' })).toContain('by hand')
})
