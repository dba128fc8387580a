import { cure, type DiagnosisRule } from '../finding.js'
import { inside, whereDevice } from '../where.js'

/** A packet was longer than a device takes. */
export const tooBig: DiagnosisRule = {
  id: 'packet-too-big',
  asks: 'was a packet too long for a device on its way?',
  look(inquiry) {
    const { stop } = inquiry
    if (stop?.event.kind !== 'dropped' || stop.event.reason !== 'PKT_TOO_BIG') return undefined
    const netns = inquiry.netns(stop.event.netns)
    const words = stop.event.because.split(/[\s,:()]+/)
    const device = netns.ifaces.find(i => words.includes(i.name))
    const sender = inquiry.netns(stop.packet.events[0]?.netns ?? netns.name)
    const out = sender.ifaces.find(i => i.up && i.kind !== 'loopback' && i.mtu > (device?.mtu ?? 0))
    return {
      id: this.id,
      severity: 'error',
      says: `in ${netns.name}, ${stop.event.because}: long packets get lost where short ones (the handshake) pass`,
      ...(device ? { where: whereDevice(netns, device.name, `${device.name} mtu ${device.mtu}`) } : {}),
      evidence: [stop.event.seq],
      see: inside(netns, `ip link show ${device?.name ?? ''}`.trim()),
      cures:
        device && out
          ? [
              cure(`the sender keeps to ${device.mtu} bytes`, [
                sender.name,
                `ip link set dev ${out.name} mtu ${device.mtu}`,
              ]),
            ]
          : [],
    }
  },
}
