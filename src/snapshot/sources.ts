import type { Netns } from '../model/snapshot.js'
import type { DumpFiles } from './files.js'

/** Texts of dumps, kept beside the snapshot: found by its record of file names, which edits leave as it is. */
const texts = new WeakMap<Netns['files'], DumpFiles>()

/** Keeps the texts of a namespace's files, so that a finding can name lines. Rules know their own lines. */
export function keepTexts(names: Netns['files'], files: DumpFiles): void {
  texts.set(names, new Map([...files].filter(([name]) => !/tables(-legacy)?-save|connections/.test(name))))
}

/**
 * File and line of what a command printed, the first line that the test takes; the file alone where no line does.
 * Undefined where the file is not in the snapshot.
 */
export function placeOf(
  netns: Netns,
  stem: string,
  test: (line: string) => boolean,
): { readonly file: string; readonly line?: number } | undefined {
  const name = [`${stem}.txt`, `${stem}.json`].find(n => Object.hasOwn(netns.files, n))
  if (name === undefined) return undefined
  const file = netns.files[name]!
  const text = texts.get(netns.files)?.get(name)?.text
  const at = text === undefined ? -1 : text.split('\n').findIndex(test)
  return at < 0 ? { file } : { file, line: at + 1 }
}
