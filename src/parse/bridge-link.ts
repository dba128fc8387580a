import type { BridgePort } from '../model/iface.js'
import type { Problem } from '../model/place.js'
import { readPort } from './ip-addr.js'
import { readPortJson } from './ip-addr-json.js'
import { readJsonList } from './json.js'
import { Words, lineProblem, linesOf } from './lines.js'

/** A port of a bridge, by the device's name. */
export interface PortRead {
  readonly name: string
  readonly master?: string
  readonly port: BridgePort
  /** The flags were printed (`-d`), not only the state. */
  readonly detailed: boolean
}
export interface PortsRead {
  readonly ports: readonly PortRead[]
  readonly problems: readonly Problem[]
}

/** Reads `bridge [-d] link`, text or `-j`. What stands behind `@` is not read: the tool looks it up in the wrong namespace. */
export function parseBridgeLink(text: string, file: string): PortsRead {
  if (/^\s*\[/.test(text)) return readJson(text, file)
  const ports: PortRead[] = []
  const problems: Problem[] = []
  for (const line of linesOf(text, problems)) {
    const head = /^(\d{1,10}):\s+([^\s:@]+)(?:@[^\s:]+)?:?\s/.exec(line.text)
    if (head) {
      const master = /\smaster\s+(\S+)/.exec(line.text)?.[1]
      ports.push({
        name: head[2]!,
        ...(master === undefined ? {} : { master }),
        port: readPort(new Words(line, file, head[0].length)),
        detailed: false,
      })
    } else if (/^\s/.test(line.text) && ports.length > 0) {
      const last = ports.pop()!
      // a port's flags stand on its second line, its state on the first
      ports.push({
        ...last,
        detailed: true,
        port: { ...readPort(new Words(line, file)), state: last.port.state },
      })
    } else
      problems.push(lineProblem(line, file, 'not a line of `bridge link`: expected `INDEX: NAME: <FLAGS> …`'))
  }
  return { ports, problems }
}

function readJson(text: string, file: string): PortsRead {
  const list = readJsonList(text, file)
  const problems = [...list.problems]
  const ports = list.items.flatMap(item => {
    const [name, master] = [item.text('ifname'), item.text('master')]
    if (name === undefined) {
      problems.push(list.about('ifname', 'a bridge port without `ifname`'))
      return []
    }
    return {
      name,
      ...(master === undefined ? {} : { master }),
      port: readPortJson(item),
      detailed: item.has('hairpin'),
    }
  })
  return { ports, problems }
}
