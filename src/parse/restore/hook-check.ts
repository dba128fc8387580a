import type { Backend, ExtensionUse, Rule } from '../../model/ruleset.js'
import { cached } from '../../values/cached.js'
import type { Family } from '../../values/ip.js'
import type { MatchExtension, TargetExtension } from '../../xtables/extension.js'
import { findMatch, findTarget } from '../../xtables/registry.js'
import { builtinsOf, type OpenTable } from './open-table.js'

interface Context {
  readonly family: Family
  readonly backend: Backend
}

/**
 * What the kernel refuses when a table is committed: a rule in a chain of one's own that asks for something which a hook
 * that leads there has not (mark_source_chains() and xt_check_match() with the hooks that reach a rule; nft_chain_validate()).
 * Undefined: it takes all of them.
 */
export function misplacedRule(table: OpenTable, context: Context): string | undefined {
  if (table.user.size === 0) return undefined
  const builtins = builtinsOf(table.name)
  const lists = new Map<number, readonly string[]>()
  for (const [name, bits] of hooksReaching(table, builtins)) {
    const hooks = cached(lists, bits, () => builtins.filter((_, i) => bits & (1 << i)))
    for (const rule of table.chains.get(name)!.rules) {
      const wrong = complaint(rule, name, hooks, table.name, context)
      if (wrong !== undefined) return `${wrong}; chain ${name} is reached from there: ${rule.text}`
    }
  }
  return undefined
}

/** Chains of one's own that a packet can come to; each with a bit for every built-in chain that it comes from. */
function hooksReaching(table: OpenTable, builtins: readonly string[]): Map<string, number> {
  const reached = new Map<string, number>()
  for (const [i, hook] of builtins.entries()) {
    const todo = [hook]
    for (let name = todo.pop(); name !== undefined; name = todo.pop())
      for (const { jump } of table.chains.get(name)?.rules ?? []) {
        if (!('chain' in jump) || !table.user.has(jump.chain)) continue
        const bits = reached.get(jump.chain) ?? 0
        if (bits & (1 << i)) continue
        reached.set(jump.chain, bits | (1 << i))
        todo.push(jump.chain)
      }
  }
  return reached
}

/** What is wrong with one of the extensions of a rule that these hooks lead to. */
function complaint(
  rule: Rule,
  chain: string,
  hooks: readonly string[],
  table: string,
  context: Context,
): string | undefined {
  const { matches, jump } = rule
  for (const use of matches) {
    const extension = use.known ? findMatch(use.name, context.family) : undefined
    const wrong = extension && ofExtension(extension, use, rule, chain, hooks, table, context)
    if (wrong !== undefined) return wrong
  }
  if (jump.kind !== 'target' || !jump.target.known) return undefined
  const extension = findTarget(jump.target.name, context.family)
  return extension && ofExtension(extension, jump.target, rule, chain, hooks, table, context)
}

function ofExtension(
  extension: MatchExtension | TargetExtension,
  use: ExtensionUse,
  rule: Rule,
  chain: string,
  hooks: readonly string[],
  table: string,
  { family, backend }: Context,
): string | undefined {
  const { kind, name } = extension
  const allowed = extension.hooks as readonly string[] | undefined
  if (allowed) {
    const outside = hooks.find(hook => !allowed.includes(hook))
    if (outside !== undefined)
      return `${name} ${kind} may be used from ${allowed.join(', ')} only, not ${outside}`
  }
  // what else an extension asks of its hook nftables' compatibility layer asks in built-in chains alone
  if (backend === 'nft' || !extension.check || !use.known) return undefined
  const { proto } = rule.header
  const check = (at: string) =>
    extension.check!(use.args as never, {
      family,
      backend,
      table,
      chain: at,
      ...(proto && { proto: proto.value, protoNot: proto.not }),
    })
  const wrong = hooks.map(check).find(said => said !== undefined)
  // the arguments are as the tool completed them: what is wrong wherever the rule stands is not about the hook
  return wrong === undefined || check(chain) !== undefined ? undefined : `${name}: ${wrong}`
}
