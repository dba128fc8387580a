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
  const asked = new Map<ExtensionUse, Map<string, string | undefined>>()
  for (const [name, hooks] of hooksReaching(table)) {
    const key = hooks.join()
    for (const rule of table.chains.get(name)!.rules)
      for (const use of usesOf(rule)) {
        const byHooks = cached(asked, use, () => new Map<string, string | undefined>())
        if (!byHooks.has(key)) byHooks.set(key, complaint(use, rule, name, hooks, table.name, context))
        const wrong = byHooks.get(key)
        if (wrong !== undefined) return `${wrong}; chain ${name} is reached from there: ${rule.text}`
      }
  }
  return undefined
}

const usesOf = ({ matches, jump }: Rule): readonly ExtensionUse[] =>
  jump.kind === 'target' ? [...matches, jump.target] : matches

/** Chains of one's own that a packet can come to, each with the built-in chains that it comes from. */
function hooksReaching(table: OpenTable): Map<string, readonly string[]> {
  const reached = new Map<string, string[]>()
  for (const hook of builtinsOf(table.name)) {
    const todo = [hook]
    for (let name = todo.pop(); name !== undefined; name = todo.pop())
      for (const { jump } of table.chains.get(name)?.rules ?? []) {
        if (!('chain' in jump) || !table.user.has(jump.chain)) continue
        const hooks = reached.get(jump.chain) ?? []
        if (hooks.at(-1) === hook) continue
        reached.set(jump.chain, [...hooks, hook])
        todo.push(jump.chain)
      }
  }
  return reached
}

function complaint(
  use: ExtensionUse,
  rule: Rule,
  chain: string,
  hooks: readonly string[],
  table: string,
  { family, backend }: Context,
): string | undefined {
  if (!use.known) return undefined
  const isTarget = rule.jump.kind === 'target' && rule.jump.target === use
  const extension: MatchExtension | TargetExtension | undefined = isTarget
    ? findTarget(use.name, family)
    : findMatch(use.name, family)
  if (!extension) return undefined
  const allowed = extension.hooks as readonly string[] | undefined
  const outside = hooks.find(hook => allowed && !allowed.includes(hook))
  if (outside !== undefined)
    return `${use.name} ${extension.kind} may be used from ${allowed!.join(', ')} only, not ${outside}`
  // what else an extension asks of its hook nftables' compatibility layer asks in built-in chains alone
  if (backend === 'nft' || !extension.check) return undefined
  const { proto } = rule.header
  const check = (at: string) =>
    extension.check!(use.args as never, {
      family,
      backend,
      table,
      chain: at,
      ...(proto && { proto: proto.value, protoNot: proto.not }),
    })
  // the arguments are as the tool completed them: what is wrong wherever the rule stands is not about the hook
  if (check(chain) !== undefined) return undefined
  const wrong = hooks.map(check).find(said => said !== undefined)
  return wrong === undefined ? undefined : `${use.name}: ${wrong}`
}
