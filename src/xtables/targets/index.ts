import type { TargetExtension } from '../extension.js'
import { auditTarget } from './AUDIT.js'
import { checksumTarget } from './CHECKSUM.js'
import { classifyTarget } from './CLASSIFY.js'
import { clusteripTarget } from './CLUSTERIP.js'
import { connmarkTarget } from './CONNMARK.js'
import { connsecmarkTarget } from './CONNSECMARK.js'
import { ctTarget } from './CT.js'
import { dnatTarget } from './DNAT.js'
import { dnptTarget } from './DNPT.js'
import { dscpTarget } from './DSCP.js'
import { ecnTarget } from './ECN.js'
import { hlTarget } from './HL.js'
import { hmarkTarget } from './HMARK.js'
import { idletimerTarget } from './IDLETIMER.js'
import { ledTarget } from './LED.js'
import { logTarget } from './LOG.js'
import { markTarget } from './MARK.js'
import { masqueradeTarget } from './MASQUERADE.js'
import { netmapTarget } from './NETMAP.js'
import { nflogTarget } from './NFLOG.js'
import { nfqueueTarget } from './NFQUEUE.js'
import { notrackTarget } from './NOTRACK.js'
import { rateestTarget } from './RATEEST.js'
import { redirectTarget } from './REDIRECT.js'
import { rejectTarget } from './REJECT.js'
import { secmarkTarget } from './SECMARK.js'
import { setTarget } from './SET.js'
import { snatTarget } from './SNAT.js'
import { snptTarget } from './SNPT.js'
import { synproxyTarget } from './SYNPROXY.js'
import { tcpmssTarget } from './TCPMSS.js'
import { tcpoptstripTarget } from './TCPOPTSTRIP.js'
import { teeTarget } from './TEE.js'
import { tosTarget } from './TOS.js'
import { tproxyTarget } from './TPROXY.js'
import { traceTarget } from './TRACE.js'
import { ttlTarget } from './TTL.js'
import { ulogTarget } from './ULOG.js'

/** Every target of iptables 1.8.9, in the order of `nfsim extensions`. */
export const targets: readonly TargetExtension[] = [
  auditTarget,
  checksumTarget,
  classifyTarget,
  clusteripTarget,
  connmarkTarget,
  connsecmarkTarget,
  ctTarget,
  dnatTarget,
  dnptTarget,
  dscpTarget,
  ecnTarget,
  hlTarget,
  hmarkTarget,
  idletimerTarget,
  ledTarget,
  logTarget,
  markTarget,
  masqueradeTarget,
  netmapTarget,
  nflogTarget,
  nfqueueTarget,
  notrackTarget,
  rateestTarget,
  redirectTarget,
  rejectTarget,
  secmarkTarget,
  setTarget,
  snatTarget,
  snptTarget,
  synproxyTarget,
  tcpmssTarget,
  tcpoptstripTarget,
  teeTarget,
  tosTarget,
  tproxyTarget,
  traceTarget,
  ttlTarget,
  ulogTarget,
]
