import { ipvsIn, ipvsOut } from '../../ipvs/hooks.js'
import { isIcmpError } from '../../conntrack/packet-tuple.js'
import { accept, type HookOp, op } from '../hook-op.js'
import { IPVS_PRI } from '../priorities.js'

/** ip_vs_ops4[], ip_vs_ops6[]: replies before requests at INPUT and OUTPUT, replies only at FORWARD. */
export const ipvsOps: readonly HookOp[] = [
  op('ipvs reply', 'INPUT', IPVS_PRI.LOCAL_IN_REPLY, 'ip_vs_out_hook', ipvsOut),
  op('ipvs request', 'INPUT', IPVS_PRI.LOCAL_IN_REQUEST, 'ip_vs_in_hook', ipvsIn),
  op('ipvs reply', 'OUTPUT', IPVS_PRI.LOCAL_OUT_REPLY, 'ip_vs_out_hook', ipvsOut),
  op('ipvs request', 'OUTPUT', IPVS_PRI.LOCAL_OUT_REQUEST, 'ip_vs_in_hook', ipvsIn),
  op('ipvs icmp', 'FORWARD', IPVS_PRI.FORWARD_ICMP, 'ip_vs_forward_icmp', (skb, state) =>
    isIcmpError(skb.packet) ? ipvsIn(skb, state) : accept(skb),
  ),
  op('ipvs reply', 'FORWARD', IPVS_PRI.FORWARD_REPLY, 'ip_vs_out_hook', ipvsOut),
]
