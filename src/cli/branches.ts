import { renderText, type TextOptions } from '../render/text.js'
import type { Branch, Exploration } from '../talk/explore.js'

/** All branches for people: branches that end alike are listed together, and the first of them is told. */
export function branchesText({ branches }: Exploration, options: TextOptions): string {
  const alike = new Map<string, Branch[]>()
  for (const branch of branches) {
    const key = `${branch.talk.outcome} ${branch.talk.because}`
    const list = alike.get(key)
    if (list) list.push(branch)
    else alike.set(key, [branch])
  }
  const count =
    branches.length === 1 ? 'one way that chance can take' : `${branches.length} ways that chance can take`
  let text = `${count}\n`
  for (const group of alike.values()) {
    text += `\n== ${group.length} of ${branches.length}: ${group[0]!.talk.outcome}\n`
    for (const { choose } of group) if (choose.length > 0) text += `   --choose ${choose.join(',')}\n`
    text += `\n${renderText(group[0]!.talk, options)}`
  }
  return text
}
