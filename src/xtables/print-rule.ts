import type { ExtensionUse, InterfaceName, Rule } from '../model/ruleset.js'
import type { Family } from '../values/ip.js'
import { protoName } from '../values/proto.js'
import { maskText } from './addresses.js'
import type { MatchExtension, TargetExtension } from './extension.js'
import type { AddressMask } from './header.js'
import { optionTable } from './option-table.js'
import type { ReadContext } from './options.js'
import { findMatch, findTarget } from './registry.js'

const printed = new WeakMap<ExtensionUse, string>()

/** The rule as iptables-save 1.8.9 prints it (legacy back end), `-A CHAIN` first, without counters. */
export function printRule(rule: Rule, chain: string, context: { readonly family: Family }): string {
  const { header, jump } = rule
  const { family } = context
  let out = `-A ${chain}`
  if (header.src) out += address('-s', header.src)
  if (header.dst) out += address('-d', header.dst)
  if (header.in) out += device('-i', header.in)
  if (header.out) out += device('-o', header.out)
  if (header.proto) out += `${header.proto.not ? ' !' : ''} -p ${protoName(header.proto.value)}`
  if (header.fragment) out += header.fragment.not ? ' ! -f' : ' -f'
  const proto = header.proto && !header.proto.not ? header.proto.value : undefined
  const reading: ReadContext = proto === undefined ? { family } : { family, proto }
  for (const match of rule.matches) out += ` -m ${useText(match, findMatch(match.name, family), reading)}`
  switch (jump.kind) {
    case 'none':
      return out
    case 'verdict':
      return `${out} -j ${jump.verdict}`
    case 'jump':
      return `${out} -j ${jump.chain}`
    case 'goto':
      return `${out} -g ${jump.chain}`
    case 'target':
      return `${out} -j ${useText(jump.target, findTarget(jump.target.name, family), reading)}`
  }
}

const address = (flag: string, a: AddressMask): string =>
  `${a.not ? ' !' : ''} ${flag} ${a.address}/${maskText(a.mask)}`
const device = (flag: string, d: InterfaceName): string => `${d.not ? ' !' : ''} ${flag} ${d.name}`

function useText(
  use: ExtensionUse,
  extension: MatchExtension | TargetExtension | undefined,
  context: ReadContext,
): string {
  let text = printed.get(use)
  if (text === undefined) {
    text = [
      use.name,
      ...(use.known && extension ? knownWords(use.args, extension, context) : rawWords(use)),
    ].join(' ')
    printed.set(use, text)
  }
  return text
}

function knownWords(
  args: (ExtensionUse & { known: true })['args'],
  extension: MatchExtension | TargetExtension,
  context: ReadContext,
): readonly string[] {
  if (extension.save) return extension.save(args, context)
  const out: string[] = []
  for (const { key, spec } of optionTable(extension).rows) {
    const arg = args[key]
    if (!arg) continue
    const words = spec.print(arg.value, context)
    if (!words) continue
    if (arg.not) out.push('!')
    out.push(spec.printFlag?.(arg.value) ?? spec.flags[0])
    for (const word of words) out.push(spec.quote ? quoted(word) : word)
  }
  return out
}

const rawWords = (use: ExtensionUse): readonly string[] =>
  use.known ? [] : use.options.flatMap(o => [...(o.not ? ['!'] : []), o.flag, ...o.words.map(asWord)])

/** A word that is read as one word again, and neither as an option nor as a negation. */
const asWord = (word: string): string =>
  /^!?$|^-[a-zA-Z-]|^-[46]$|[\s"'\\]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word

/**
 * Free text as xtables_save_string() quotes it: bare if it holds letters, digits, `_` and `-` only, else in
 * double quotes with both quotes and the backslash escaped.
 */
export function quoted(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text
  return `"${text.replace(/["\\']/g, c => `\\${c}`)}"`
}
