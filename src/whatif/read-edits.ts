import { toolOf } from '../values/tool.js'
import { inputError, InputError, problemAt } from '../parse/problems.js'
import { commandEdit, placed, readCommand, tablesTool } from './commands.js'
import type { CommandPlace, Edit } from './edit.js'
import { type RulesetChoice, rulesCommand, type TableLine } from './edits/rules.js'
import { shellLines, shellWords } from './shell-words.js'

/** A command with the words that say where it is for taken off. */
interface Aimed {
  readonly words: readonly string[]
  readonly on?: string
}

const RUNNERS = new Set(['sudo', 'exec', 'command'])

/**
 * Reads `--apply FILE`: commands as typed into a shell, one a line, and fragments as iptables-restore takes them
 * (from `*TABLE` to COMMIT), alone or as a here-document. `NODE: command`, `ip netns exec NAME command`,
 * `ip -n NAME …` and a trailing `# on NODE` say where; `NODE:` alone is for all that follows.
 * @throws InputError with the line of the first mistake
 */
export function readEdits(text: string, file: string): Edit[] {
  const edits: Edit[] = []
  const lines = shellLines(text.startsWith('\ufeff') ? text.slice(1) : text)
  let preset: string | undefined
  let choice: RulesetChoice = { family: 'ipv4' }
  let aim: string | undefined
  for (let i = 0; i < lines.length; i++) {
    const { text: raw, number } = lines[i]!
    const place: CommandPlace = { file, line: number, source: raw }
    const line = raw.trim()
    if (line === '' || /^#(?! on )/.test(line)) continue
    const alone = /^([\w.@/-]+):$/.exec(line)
    if (alone) {
      preset = alone[1]
      continue
    }
    if (line.startsWith('*')) {
      const { tables, next } = fragment(lines, i, file)
      for (const [table, inside] of tables)
        if (inside.length > 0) edits.push(fragmentEdit(table, inside, choice, aim ?? preset, place))
      i = next
      choice = { family: 'ipv4' }
      aim = undefined
      continue
    }
    if (/^[A-Z_]*EOF[A-Z_]*$/.test(line)) continue
    const { words, on = preset } = aimed(line, place)
    const tool = tablesTool(words[0] ?? '')
    if (tool?.restore) {
      choice = tool
      aim = on
      continue
    }
    const command = readCommand(words, place)
    edits.push(commandEdit(command, textOf(line, words), on, place))
  }
  if (edits.length === 0) throw inputError(file, 'no command in it')
  return edits
}

/** One command, as a value. @throws InputError */
export const readEdit = (command: string, on?: string): Edit => {
  const edits = readEdits(on === undefined ? command : `${on}: ${command}`, 'command')
  return edits[0]!
}

/** The command itself, without what says where it runs. */
const textOf = (line: string, words: readonly string[]): string => {
  const at = words[0] === undefined ? -1 : line.indexOf(words[0])
  const text = at < 0 ? words.join(' ') : line.slice(at)
  return text.replace(/\s+#.*$/, '')
}

function aimed(line: string, place: CommandPlace): Aimed {
  const prefix = /^([\w.@/-]+):\s+(.*)$/s.exec(line)
  const split = shellWords(prefix ? prefix[2]! : line)
  if ('error' in split)
    throw new InputError([
      problemAt({ file: place.file, line: place.line, column: 1 }, split.error, place.source),
    ])
  let { words } = split
  let on = prefix?.[1] ?? /^on (\S+)/.exec(split.comment)?.[1]
  for (;;) {
    const [first, second, third, fourth] = words
    if (RUNNERS.has(first ?? '')) words = words.slice(1)
    else if (
      first === 'ip' &&
      (second === 'netns' || second === 'net') &&
      third === 'exec' &&
      fourth !== undefined
    ) {
      const node = on
      on = node === undefined ? fourth : `${node}/${fourth}`
      words = words.slice(4)
    } else if (first === 'ip' && (second === '-n' || second === '-netns') && third !== undefined) {
      on = third
      words = ['ip', ...words.slice(3)]
    } else if (first === 'ssh' && second !== undefined) {
      on = second.replace(/^.*@/, '')
      words = words.slice(2)
    } else break
  }
  return on === undefined ? { words } : { words, on }
}

function fragment(lines: readonly { text: string; number: number }[], from: number, file: string) {
  const tables = new Map<string, TableLine[]>()
  let inside: TableLine[] = []
  let i = from
  for (; i < lines.length; i++) {
    const { text, number } = lines[i]!
    const line = text.trim()
    if (line.startsWith('*')) {
      const table = line.slice(1).split(/\s/)[0]!
      inside = tables.get(table) ?? []
      tables.set(table, inside)
    } else if (line === 'COMMIT') {
      // the next table may follow at once
      const rest = lines.slice(i + 1).findIndex(l => l.text.trim() !== '' && !l.text.trim().startsWith('#'))
      if (rest < 0 || !lines[i + 1 + rest]!.text.trim().startsWith('*')) return { tables, next: i }
      i += rest
    } else if (line !== '' && !line.startsWith('#'))
      inside.push({ text: line, place: { file, line: number, source: text } })
  }
  const last = lines[from]!
  throw new InputError([
    problemAt({ file, line: last.number, column: 1 }, 'the fragment is cut: it has no COMMIT', last.text),
  ])
}

function fragmentEdit(
  table: string,
  lines: readonly TableLine[],
  choice: RulesetChoice,
  on: string | undefined,
  place: CommandPlace,
): Edit {
  try {
    const command = rulesCommand(table, lines, choice)
    const tool = `${toolOf(choice.family)}${choice.backend ? `-${choice.backend}` : ''}`
    const title = `${tool}-restore --noflush: ${lines.length} line${lines.length === 1 ? '' : 's'} of ${table}`
    const edit = commandEdit(command, title, on, place)
    const commands = lines.map(({ text }) => `${tool} -t ${table} ${text}`)
    return { title, plan: snapshot => ({ ...edit.plan(snapshot), commands }) }
  } catch (error) {
    throw placed(error, place)
  }
}
