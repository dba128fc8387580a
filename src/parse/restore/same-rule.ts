import type { Rule } from '../../model/ruleset.js'
import type { Family } from '../../values/ip.js'
import { printRule } from '../../xtables/print-rule.js'

/** Do two rules ask and do the same? Compared as printed, as `-D` and `-C` with a whole rule do. */
export const sameRule = (a: Rule, b: Rule, family: Family): boolean =>
  printRule(a, '', { family }) === printRule(b, '', { family })
