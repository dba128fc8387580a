import { cure, type DiagnosisRule } from '../finding.js'
import { inside, whereDevice, whereHairpin, whereSysctl } from '../where.js'

/** A device is down, has no other end, or keeps bridge ports apart. */
export const deviceTrouble: DiagnosisRule = {
  id: 'interface-down',
  asks: 'did a device on the way not carry the packet?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped') return undefined
    const { reason, because } = stop.event
    const netns = inquiry.netns(stop.event.netns)
    const words = because.split(/[\s,:()]+/)
    const named = netns.ifaces.filter(i => words.includes(i.name))
    const device = named.find(i => i.master !== undefined) ?? named[0]
    const name = device?.name ?? words[0] ?? ''
    if (reason === 'X_BRIDGE_ISOLATED')
      return {
        id: 'port-isolated',
        severity: 'error',
        says: `two isolated bridge ports of ${netns.name} must not talk to each other: ${because}`,
        where: whereHairpin(netns, name, `${name} isolated on`),
        evidence: [stop.event.seq],
        see: inside(netns, `bridge -d link show dev ${name}`),
        cures: [
          cure(`${name} is isolated no more`, [netns.name, `bridge link set dev ${name} isolated off`]),
        ],
      }
    if (reason === 'IFACE_DOWN')
      return {
        id: this.id,
        severity: 'error',
        says: `in ${netns.name}, ${because}: nothing passes there`,
        where: whereDevice(netns, name, `${name} is down`),
        evidence: [stop.event.seq],
        see: inside(netns, `ip link show ${name}`),
        cures: [cure(`set ${name} up`, [netns.name, `ip link set dev ${name} up`])],
      }
    if (reason === 'X_IGNORED') {
      const key = 'net.ipv4.icmp_echo_ignore_all'
      const echo = because.includes('icmp_echo_ignore_all')
      return {
        id: echo ? 'echo-ignored' : 'device-keeps-apart',
        severity: 'error',
        says: `${netns.name} does not take the packet on purpose: ${because}`,
        where: echo ? whereSysctl(netns, key) : whereDevice(netns, name, because),
        evidence: [stop.event.seq],
        see: inside(netns, echo ? `sysctl ${key}` : `ip -d link show ${name}`),
        cures: echo ? [cure('answer to ping', [netns.name, `sysctl -w ${key}=0`])] : [],
      }
    }
    if (reason !== 'X_NO_PEER') return undefined
    return {
      id: 'no-cable',
      severity: 'error',
      says: `in ${netns.name}, ${because}: what is at the other end is not in the snapshot`,
      where: whereDevice(netns, name, because),
      evidence: [stop.event.seq],
      see: inside(netns, `ip -d link show ${name}`),
      cures: [],
    }
  },
}
