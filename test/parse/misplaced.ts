/**
 * Rules in a chain of one's own, and the hooks from which mangle may not lead there, by back end: as Linux 6.18 and
 * iptables 1.8.9 took or refused them.
 */
export const MISPLACED: readonly (readonly [rule: string, legacy: string, nft: string])[] = [
  ['-j CLASSIFY --set-class 1:2', 'PREROUTING INPUT', 'PREROUTING INPUT'],
  ['-m owner --uid-owner 0', 'PREROUTING INPUT FORWARD', 'PREROUTING INPUT FORWARD'],
  ['-m realm --realm 1', 'PREROUTING', 'PREROUTING'],
  ['-m mac --mac-source 02:00:00:00:00:01', 'OUTPUT POSTROUTING', 'OUTPUT POSTROUTING'],
  ['-m rpfilter', 'INPUT FORWARD OUTPUT POSTROUTING', 'INPUT FORWARD OUTPUT POSTROUTING'],
  ['-p tcp -j TPROXY --on-port 80', 'INPUT FORWARD OUTPUT POSTROUTING', 'INPUT FORWARD OUTPUT POSTROUTING'],
  ['-m physdev --physdev-out p1', 'OUTPUT', ''],
  ['-m cgroup --cgroup 1', 'PREROUTING FORWARD', 'PREROUTING FORWARD'],
  ['-m socket', 'FORWARD OUTPUT POSTROUTING', 'FORWARD OUTPUT POSTROUTING'],
  ['-p tcp -m osf --genre Linux', 'OUTPUT POSTROUTING', 'OUTPUT POSTROUTING'],
  ['-m addrtype --dst-type LOCAL --limit-iface-out', 'PREROUTING INPUT', ''],
  ['-m addrtype --dst-type LOCAL --limit-iface-in', 'OUTPUT POSTROUTING', ''],
  ['-m policy --dir in --pol none', 'OUTPUT POSTROUTING', ''],
  ['-m devgroup --dst-group 1', 'PREROUTING INPUT', ''],
  ['-m devgroup --src-group 1', 'OUTPUT POSTROUTING', ''],
  ['-o eth0', '', ''],
  ['-i eth0', '', ''],
]

export const HOOKS = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const

/** The rule in a chain that another one, reached from the hook, jumps to. */
export const dumpOf = (rule: string, hook: string): string =>
  `*mangle\n${HOOKS.map(h => `:${h} ACCEPT [0:0]\n`).join('')}:A - [0:0]\n:B - [0:0]\n-A ${hook} -j A\n-A A -g B\n-A B ${rule}\nCOMMIT\n`
