import type { Arg, Backend, ExtensionUse, RawOption } from '../model/ruleset.js'
import { HOOKS } from '../netfilter/hook.js'
import type { Family } from '../values/ip.js'
import { protoName } from '../values/proto.js'
import type { MatchExtension, TargetExtension } from './extension.js'
import { optionTable, type Row } from './option-table.js'
import { BadValue, type ReadContext } from './options.js'

/** An extension that a rule has loaded, with what was given to it so far. */
export interface Loaded {
  readonly kind: 'match' | 'target'
  readonly name: string
  /** undefined: nfsim doesn't know it. */
  readonly extension: MatchExtension | TargetExtension | undefined
  readonly column: number
  readonly given: Given[]
  /** Options of an unknown extension, as written. */
  readonly unknown: RawOption[] | undefined
}
export interface Given {
  readonly row: Row
  readonly flag: string
  readonly not: boolean
  readonly words: readonly string[]
  readonly column: number
}

export interface Where {
  readonly table: string
  readonly chain: string
  readonly family: Family
  readonly backend: Backend
  readonly proto: { readonly value: number; readonly not: boolean } | undefined
}
/** Uses by what was given to them; extensions that are given something new each time are left alone. */
export type UseCache = Map<MatchExtension | TargetExtension, KnownUses>
interface KnownUses {
  readonly byKey: Map<string, ExtensionUse>
  hits: number
  misses: number
}
/** So many misses tell whether sharing pays. */
const TRIAL = 256
const MOST_KEPT = 50_000
type Complain = (message: string, column: number) => Error

/**
 * Turns what was given to an extension into its use: reads the values, checks what must and may be there
 * (xtables_option_parse(), xtables_option_mfcall()), and what the kernel checks when a rule is loaded
 * (xt_check_match(), xt_check_target()). Uses that were given the same are one object.
 * @throws what `complain` makes
 */
export function finishUse(loaded: Loaded, where: Where, cache: UseCache, complain: Complain): ExtensionUse {
  const { extension, name } = loaded
  if (!extension)
    return { name, known: false, options: loaded.unknown ?? [], why: `${name} is not known to nfsim` }
  let known = cache.get(extension)
  if (!known) {
    known = { byKey: new Map(), hits: 0, misses: 0 }
    cache.set(extension, known)
  }
  if (known.misses > TRIAL && known.hits < known.misses) return freshUse(loaded, extension, where, complain)
  const key = keyOf(loaded, where)
  const hit = known.byKey.get(key)
  if (hit) {
    known.hits++
    return hit
  }
  const use = freshUse(loaded, extension, where, complain)
  known.misses++
  if (known.byKey.size < MOST_KEPT) known.byKey.set(key, use)
  return use
}

/** All that a use can hang on, as one string. */
function keyOf({ given }: Loaded, { chain, proto }: Where): string {
  let key = `${chain} ${proto ? (proto.not ? -proto.value : proto.value) : ''}`
  for (const { flag, not, words } of given) {
    key += not ? `\u0001!${flag}` : `\u0001${flag}`
    for (const word of words) key += `\u0002${word}`
  }
  return key
}

function freshUse(
  loaded: Loaded,
  extension: MatchExtension | TargetExtension,
  where: Where,
  complain: Complain,
): ExtensionUse {
  const { name } = loaded
  const proto = where.proto && !where.proto.not ? where.proto.value : undefined
  placeAllowed(extension, where, loaded.column, complain)
  const context: ReadContext =
    proto === undefined ? { family: where.family } : { family: where.family, proto }
  let args = readArgs(loaded, extension, context, complain)
  for (const { key: row, spec } of optionTable(extension).rows)
    if (spec.required && !Object.hasOwn(args, row))
      throw complain(`${name}: option "${spec.flags[0]}" must be specified`, loaded.column)
  try {
    const wrong = extension.check?.(args, {
      family: where.family,
      backend: where.backend,
      table: where.table,
      chain: where.chain,
      ...(where.proto && { proto: where.proto.value, protoNot: where.proto.not }),
    })
    if (wrong !== undefined) throw new BadValue(wrong)
    if (extension.complete)
      args = extension.complete(args, {
        family: where.family,
        ...(proto !== undefined && { proto }),
      }) as ArgRecord
  } catch (error) {
    if (error instanceof BadValue) throw complain(`${name}: ${error.message}`, loaded.column)
    throw error
  }
  return { name: extension.name, known: true, args }
}

type ArgRecord = Record<string, Arg | undefined>

function readArgs(
  loaded: Loaded,
  extension: MatchExtension | TargetExtension,
  context: ReadContext,
  complain: Complain,
): ArgRecord {
  const args: ArgRecord = {}
  const values: { key: string; value: unknown; not: boolean }[] = []
  for (const { row, flag, not, words, column } of loaded.given) {
    const { spec, key } = row
    if (not && !spec.negatable) throw complain(`${loaded.name}: option "${flag}" cannot be inverted.`, column)
    const before = args[key]
    if (before && !spec.repeatable && !extension.assemble)
      throw complain(`${loaded.name}: option "${flag}" can only be used once.`, column)
    try {
      const value: unknown = spec.read(words, context, flag)
      if (extension.assemble) values.push({ key, value, not })
      args[key] = { value: before && spec.merge ? spec.merge(before.value, value) : value, not }
    } catch (error) {
      if (error instanceof BadValue) throw complain(`${loaded.name}: ${error.message}`, column)
      throw error
    }
  }
  if (!extension.assemble) return args
  try {
    return extension.assemble(values) as ArgRecord
  } catch (error) {
    if (error instanceof BadValue) throw complain(`${loaded.name}: ${error.message}`, loaded.column)
    throw error
  }
}

/** xt_check_match(), xt_check_target(): table, hooks and protocol that the extension asks for. */
function placeAllowed(
  extension: MatchExtension | TargetExtension,
  { table, chain, proto }: Where,
  column: number,
  complain: Complain,
): void {
  const { name, tables, hooks, protos } = extension
  if (tables && !tables.includes(table))
    throw complain(
      `${name} ${extension.kind} is only valid in table ${tables.join(', ')}, not ${table}`,
      column,
    )
  if (hooks && (HOOKS as readonly string[]).includes(chain) && !(hooks as readonly string[]).includes(chain))
    throw complain(
      `${name} ${extension.kind} may be used from ${hooks.join(', ')} only, not ${chain}`,
      column,
    )
  if (protos && (!proto || proto.not || !protos.includes(proto.value)))
    throw complain(
      `${name} ${extension.kind} requires ${protos.map(p => `'-p ${protoName(p)}'`).join(' or ')}`,
      column,
    )
}
