import { BUILTIN_CHAINS } from '../../model/ruleset.js'

/** Targets that one table alone takes. */
const TELLING: readonly (readonly [table: string, targets: RegExp])[] = [
  ['nat', /^(DNAT|SNAT|MASQUERADE|REDIRECT|NETMAP)$/],
  ['raw', /^(CT|NOTRACK)$/],
  ['mangle', /^(TPROXY|TOS|DSCP|TTL|HL|ECN|CHECKSUM|TCPOPTSTRIP)$/],
]

/**
 * The table that a listing without its name shows: by its built-in chains, where these tell, else by targets that no
 * other table takes. Undefined: nothing tells.
 */
export function guessTable(
  builtins: ReadonlySet<string>,
  targets: ReadonlySet<string>,
): { readonly table: string; readonly sure: boolean } | undefined {
  const by = (table: string) => BUILTIN_CHAINS[table]!.every(chain => builtins.has(chain))
  if (by('mangle')) return { table: 'mangle', sure: true }
  // before Linux 2.6.34, nat had no INPUT
  if (builtins.has('PREROUTING') && builtins.has('POSTROUTING')) return { table: 'nat', sure: true }
  if (by('filter')) return { table: 'filter', sure: true }
  if (by('raw')) return { table: 'raw', sure: true }
  for (const [table, telling] of TELLING)
    if ([...targets].some(target => telling.test(target))) return { table, sure: true }
  const holds = (['filter', 'nat', 'mangle', 'raw'] as const).find(table =>
    [...builtins].every(chain => BUILTIN_CHAINS[table]!.includes(chain)),
  )
  return holds === undefined ? undefined : { table: holds, sure: false }
}

/** PREROUTING, INPUT … of any table. */
export const isBuiltin = (chain: string): boolean => BUILTIN_CHAINS.mangle!.includes(chain)
