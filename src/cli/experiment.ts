import type { Command } from 'commander'
import type { Snapshot } from '../model/snapshot.js'
import { InputError } from '../parse/problems.js'
import { parseSysctlEdit } from '../snapshot/with-sysctl.js'
import type { Edit } from '../whatif/edit.js'
import { readEdit, readEdits } from '../whatif/read-edits.js'
import { shellQuoted } from '../whatif/shell-words.js'
import { type WhatIf, whatIf, joined } from '../whatif/what-if.js'
import { withoutRule } from '../whatif/without.js'
import { collect } from './options.js'
import { readText } from './read-text.js'
import { UsageError } from './usage-error.js'

/** What is to be changed before the question is asked. */
export interface EditOptions {
  readonly set?: readonly string[]
  readonly apply?: readonly string[]
  readonly without?: readonly string[]
}

export const addEditOptions = (command: Command): Command =>
  command
    .option(
      '--apply <file>',
      'what if: commands (iptables, ip, bridge, sysctl, ipvsadm, conntrack, ipset) or an iptables-restore fragment (repeatable)',
      collect,
    )
    .option(
      '--without <rule>',
      'what if: one rule less, as nat:PREROUTING:3 or by its text (repeatable)',
      collect,
    )

export const hasEdits = ({ set, apply, without }: EditOptions): boolean =>
  [set, apply, without].some(list => list !== undefined && list.length > 0)

/** The world with all edits: settings first, then files in their order, then rules taken away. @throws UsageError, InputError */
export function experiment(snapshot: Snapshot, options: EditOptions): WhatIf | undefined {
  if (!hasEdits(options)) return undefined
  const edits: Edit[] = [
    ...(options.set ?? []).map(settingEdit),
    ...(options.apply ?? []).flatMap(file => readEdits(readText(file), file)),
  ]
  const steps: WhatIf[] = []
  const world = () => steps.at(-1)?.after ?? snapshot
  for (const edit of edits) steps.push(asUsage('--set', edit, () => whatIf(world(), edit)))
  for (const rule of options.without ?? [])
    for (const edit of asUsage('--without', undefined, () => withoutRule(world(), rule)))
      steps.push(whatIf(world(), edit))
  return joined(snapshot, steps)
}

function settingEdit(spec: string): Edit {
  const { where, key, value } = asUsage('--set', undefined, () => parseSysctlEdit(spec))
  return asUsage('--set', undefined, () => readEdit(`sysctl -w ${shellQuoted(`${key}=${value}`)}`, where))
}

/** A mistake in an option is one of usage; one in a file stays what it is, with its place. */
function asUsage<T>(flag: string, edit: Edit | undefined, act: () => T): T {
  try {
    return act()
  } catch (error) {
    const inFile = error instanceof InputError && error.problems.some(p => p.line > 0 && p.file !== 'command')
    if (!(error instanceof InputError) || inFile) throw error
    const about = edit ? `${flag} ${edit.title}` : flag
    throw new UsageError(
      flag === '--set' ? 'bad-set' : 'bad-edit',
      error.problems.map(problem => `error: ${about}: ${problem.message}`).join('\n'),
    )
  }
}
