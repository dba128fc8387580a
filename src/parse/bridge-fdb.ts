import type { Problem } from '../model/place.js'
import type { FdbEntry } from '../model/route.js'
import { parseIp } from '../values/ip.js'
import { parseMac } from '../values/mac.js'
import { readJsonList } from './json.js'
import { Words, decimal, linesOf } from './lines.js'

export interface FdbRead {
  readonly fdb: readonly FdbEntry[]
  readonly problems: readonly Problem[]
}

/** Reads `bridge fdb`, text or `-j`: what the bridges have learned, and where a vxlan device sends. */
export function parseBridgeFdb(text: string, file: string): FdbRead {
  return /^\s*\[/.test(text) ? readJson(text, file) : readText(text, file)
}

function readText(text: string, file: string): FdbRead {
  const fdb: FdbEntry[] = []
  const problems: Problem[] = []
  for (const line of linesOf(text, problems)) {
    const words = new Words(line, file)
    const mac = parseMac(words.take() ?? '')
    if (!mac) {
      problems.push(words.problem('not a forwarding entry: expected `MAC dev DEVICE …`'))
      continue
    }
    const values = new Map<string, string>()
    const flags = new Set<string>()
    for (let word = words.take(); word !== undefined; word = words.take()) {
      if (/^(dev|master|dst|vlan|port|vni|src_vni|via|nhid|link-netnsid)$/.test(word))
        values.set(word, words.take() ?? '')
      else flags.add(word)
    }
    const entry = entryOf(
      mac,
      key => values.get(key),
      flag => flags.has(flag),
    )
    if (entry) fdb.push(entry)
    else problems.push(words.problem('a forwarding entry without `dev`'))
  }
  return { fdb, problems }
}

function readJson(text: string, file: string): FdbRead {
  const list = readJsonList(text, file)
  const problems = [...list.problems]
  const fdb = list.items.flatMap(item => {
    const mac = parseMac(item.text('mac') ?? '')
    const entry =
      mac &&
      entryOf(
        mac,
        key => item.text(key === 'dev' ? 'ifname' : key),
        flag => item.texts('flags').includes(flag) || item.text('state') === flag,
      )
    if (!entry)
      problems.push(list.about(item.text('mac') ?? 'mac', 'a forwarding entry without MAC or device'))
    return entry ?? []
  })
  return { fdb, problems }
}

function entryOf(
  mac: FdbEntry['mac'],
  get: (key: string) => string | undefined,
  is: (flag: string) => boolean,
): FdbEntry | undefined {
  const [dev, master, dst, vlan] = [
    get('dev'),
    get('master'),
    parseIp(get('dst') ?? ''),
    decimal(get('vlan')),
  ]
  if (dev === undefined || dev === '') return undefined
  return {
    mac,
    dev,
    ...(master === undefined ? {} : { master }),
    ...(dst ? { dst } : {}),
    permanent: is('permanent') || is('static'),
    self: is('self'),
    ...(vlan === undefined ? {} : { vlan }),
  }
}
