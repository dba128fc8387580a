import type { Problem } from '../model/place.js'
import { readJsonList } from './json.js'
import { lineProblem, linesOf } from './lines.js'

/** A range of VLANs that a port of a VLAN-aware bridge belongs to. */
export interface PortVlan {
  readonly port: string
  readonly from: number
  readonly to: number
  /** Untagged frames that come in are of this VLAN. */
  readonly pvid: boolean
  /** Frames go out without their tag. */
  readonly untagged: boolean
}

export interface VlansRead {
  readonly vlans: readonly PortVlan[]
  readonly problems: readonly Problem[]
}

const HIGHEST = 4094

/** Reads `bridge vlan`, as text or as `-j` prints it. */
export function parseBridgeVlan(text: string, file: string): VlansRead {
  return /^\s*\[/.test(text) ? fromJson(text, file) : fromText(text, file)
}

function fromText(text: string, file: string): VlansRead {
  const vlans: PortVlan[] = []
  const problems: Problem[] = []
  let port: string | undefined
  for (const line of linesOf(text, problems)) {
    if (/^port\s+vlan/.test(line.text)) continue
    const found = /^(\S+)?\s+(\d{1,4})(?:-(\d{1,4}))?((?:\s+(?:PVID|Egress|Untagged|untagged))*)\s*$/.exec(
      line.text,
    )
    if (!found && /^\S+(\s+None)?\s*$/.test(line.text)) {
      // a port that belongs to none, or whose VLANs follow
      port = line.text.split(/\s/)[0]
      continue
    }
    if (found?.[1] !== undefined) port = found[1]
    const from = Number(found?.[2])
    const to = Number(found?.[3] ?? found?.[2])
    if (!found || port === undefined || !(from >= 1 && from <= to && to <= HIGHEST))
      problems.push(
        lineProblem(line, file, 'expected a port and a VLAN from 1 to 4094, as `bridge vlan` prints them'),
      )
    else vlans.push({ port, from, to, pvid: /PVID/.test(found[4]!), untagged: /untagged/i.test(found[4]!) })
  }
  return { vlans, problems }
}

function fromJson(text: string, file: string): VlansRead {
  const { items, problems, about } = readJsonList(text, file)
  const vlans: PortVlan[] = []
  const wrong: Problem[] = [...problems]
  for (const item of items) {
    const port = item.text('ifname')
    if (port === undefined) {
      wrong.push(about('vlans', 'a port without its name'))
      continue
    }
    for (const vlan of item.objects('vlans')) {
      const from = vlan.number('vlan') ?? 0
      const to = vlan.number('vlanEnd') ?? from
      const flags = vlan.texts('flags')
      if (from < 1 || from > to || to > HIGHEST)
        wrong.push(about(port, `${port}: a VLAN is a number from 1 to 4094`))
      else
        vlans.push({
          port,
          from,
          to,
          pvid: flags.includes('PVID'),
          untagged: flags.includes('Egress Untagged'),
        })
    }
  }
  return { vlans, problems: wrong }
}
