import type { DiagnosisRule } from '../finding.js'
import { answerInAnotherZone } from './answer-in-another-zone.js'
import { askedAGroup } from './asked-a-group.js'
import { conntrackFull } from './conntrack-full.js'
import { ctInvalidDrop } from './ct-invalid-drop.js'
import { forwardingEntry } from './fdb-entry.js'
import { layerTwo } from './layer-two.js'
import { notMasqueraded } from './not-masqueraded.js'
import { discoveryFails } from './discovery.js'
import { tooBig } from './too-big.js'
import { deviceTrouble } from './device.js'
import { hairpinOff } from './hairpin-off.js'
import { ipvsRefuses } from './ipvs-refuses.js'
import { ipForwardOff } from './ip-forward-off.js'
import { nobodyListens } from './listener.js'
import { noMasqueradeHairpin } from './no-masquerade-hairpin.js'
import { noRoute } from './no-route.js'
import { nobodyAnswers } from './nobody-answers.js'
import { notTranslated } from './not-translated.js'
import { policyDrops } from './policy-drops.js'
import { refusedAddress } from './refused-address.js'
import { replyBypassesConntrack } from './reply-bypasses-conntrack.js'
import { replyMissesTranslator } from './reply-from-backend.js'
import { replyTaken } from './reply-taken.js'
import { routeLocalnetOff } from './route-localnet-off.js'
import { routingLoop } from './routing-loop.js'
import { rpFilterAsymmetry } from './rp-filter.js'
import { ruleDrops } from './rule-drops.js'
import { serviceWithoutEndpoints } from './service-without-endpoints.js'
import { snatAddressUnowned } from './snat-address.js'
import { sourceRanges } from './source-ranges.js'
import { staleConntrackEntry } from './stale-conntrack-entry.js'
import { staleEndpoint } from './stale-endpoint.js'
import { trackedOneWay } from './tracked-one-way.js'
import { tunnelBlocked } from './tunnel-blocked.js'
import { udpAnswerFromAnotherAddress } from './udp-answer-from-another-address.js'
import { unexpectedAnswer } from './unexpected-answer.js'
import { wrongNeighbour } from './wrong-neighbour.js'
import { wrongRoute } from './wrong-route.js'

/** Causes, the special before the general: the first that answers is the cause, the rest are not asked. */
export const CAUSES: readonly DiagnosisRule[] = [
  staleConntrackEntry,
  answerInAnotherZone,
  trackedOneWay,
  wrongNeighbour,
  forwardingEntry,
  conntrackFull,
  hairpinOff,
  ipvsRefuses,
  serviceWithoutEndpoints,
  sourceRanges,
  ctInvalidDrop,
  tunnelBlocked,
  ruleDrops,
  policyDrops,
  askedAGroup,
  refusedAddress,
  rpFilterAsymmetry,
  routeLocalnetOff,
  snatAddressUnowned,
  noMasqueradeHairpin,
  replyBypassesConntrack,
  udpAnswerFromAnotherAddress,
  replyMissesTranslator,
  notMasqueraded,
  ipForwardOff,
  replyTaken,
  unexpectedAnswer,
  notTranslated,
  nobodyListens,
  staleEndpoint,
  tooBig,
  discoveryFails,
  layerTwo,
  deviceTrouble,
  routingLoop,
  wrongRoute,
  noRoute,
  nobodyAnswers,
]
