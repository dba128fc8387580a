import type { Held } from '../talk/expectations.js'
import { printable } from './escape.js'
import { layout, type Paint, type Row } from './rows.js'

/** What came of all expectations of one scenario. */
export interface Checked {
  readonly name: string
  readonly held: readonly Held[]
}

/** For people: a line an expectation, and why where it does not hold. */
export function renderCheck(checked: readonly Checked[], columns: number, paint: Paint): string {
  const rows: Row[] = []
  for (const { name, held } of checked) {
    rows.push({ indent: 0, text: name, tone: 'strong' })
    for (const { expectation, holds, says } of held) {
      rows.push({
        indent: 2,
        labels: [[holds ? 'holds' : 'FAILS', 7]],
        labelTone: holds ? 'good' : 'bad',
        text: `${expectation.title}: ${says}`,
        hang: 2,
      })
      for (const change of expectation.set ?? [])
        rows.push({ indent: 9, text: `with ${change}`, tone: 'dim' })
    }
    if (held.length === 0) rows.push({ indent: 2, text: 'expects nothing', tone: 'warn' })
  }
  const all = checked.flatMap(({ held }) => held)
  const failed = all.filter(({ holds }) => !holds).length
  rows.push({
    indent: 0,
    text: `${all.length - failed} of ${all.length} hold`,
    tone: failed > 0 ? 'bad' : 'good',
  })
  return `${layout(rows, columns, paint)}\n`
}

/** Test Anything Protocol, version 13. */
export function renderTap(checked: readonly Checked[]): string {
  const lines = checked.flatMap(({ name, held }) => held.map(one => ({ name, ...one })))
  const body = lines.map(({ name, expectation, holds, says }, at) => {
    const title = printable(`${name}: ${expectation.title}`).replace(/#/g, '\\#')
    return `${holds ? 'ok' : 'not ok'} ${at + 1} - ${title}\n${holds ? '' : `# ${printable(says)}\n`}`
  })
  return `TAP version 13\n1..${lines.length}\n${body.join('')}`
}

const xml = (text: string): string => printable(text).replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`)

/** JUnit's XML: a suite a scenario, a case an expectation. */
export function renderJunit(checked: readonly Checked[]): string {
  const suites = checked.map(({ name, held }) => {
    const failures = held.filter(({ holds }) => !holds).length
    const cases = held.map(({ expectation, holds, says }) => {
      const open = `    <testcase classname="${xml(name)}" name="${xml(expectation.title)}"`
      return holds ? `${open}/>\n` : `${open}>\n      <failure message="${xml(says)}"/>\n    </testcase>\n`
    })
    return `  <testsuite name="${xml(name)}" tests="${held.length}" failures="${failures}">\n${cases.join('')}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`
}
