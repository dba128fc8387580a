/** A table of `nft list ruleset` that iptables-nft did not make. */
export interface NativeTable {
  /** `inet firewalld` */
  readonly name: string
  readonly line: number
  readonly text: string
}

/** Tables of iptables-nft: their rules are those that iptables-save shows. */
const COMPATIBLE = /^ip6? (filter|nat|mangle|raw|security)$/
/** A million tables are no ruleset. */
const ENOUGH = 1000

/** What `nft list ruleset` (or `nft -j`) holds besides the tables of iptables-nft. */
export function nativeTables(text: string): readonly NativeTable[] {
  const tables: NativeTable[] = []
  let managed = false
  const add = (family: string, table: string, line: number, source: string) => {
    const name = `${family} ${table}`
    if (!managed && !COMPATIBLE.test(name)) tables.push({ name, line, text: source })
    managed = false
  }
  if (/^\s*\{/.test(text)) {
    for (const m of text.matchAll(
      /"table": ?\{[^{}]{0,300}?"family": ?"(\w+)", ?"name": ?"([^"]{1,200})"/g,
    )) {
      if (tables.length >= ENOUGH) break
      add(m[1]!, m[2]!, 1, '')
    }
    return tables
  }
  let line = 0
  for (const source of text.split('\n')) {
    line++
    if (/^# Warning: table .* is managed by iptables-nft/.test(source)) managed = true
    const found = /^table (\w+) (\S+) \{/.exec(source)
    if (found && tables.length < ENOUGH) add(found[1]!, found[2]!, line, source.slice(0, 200))
  }
  return tables
}
