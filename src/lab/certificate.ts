import { ASPECTS, type Difference } from './compare.js'
import type { Certificate, Verified } from './verify.js'

/** The certificate as text: what it was compared with, each flow in a line, and the first difference in full. */
export function certificateText(certificate: Certificate, columns: number): string {
  const { title, kernel, iptables, notes, flows } = certificate
  const of = (result: Verified['result']) => flows.filter(flow => flow.result === result)
  const sum = (key: 'passes' | 'frames' | 'connections') =>
    flows.reduce((total, flow) => total + flow[key], 0)
  const first = of('differ')[0]
  return [
    `nfsim verify: ${title}`,
    `  kernel    ${kernel}`,
    `  iptables  ${iptables}`,
    `  compared  ${ASPECTS.join(', ')}`,
    ...notes.map(note => `  note      ${note}`),
    '',
    ...flows.map(flow => `  ${MARKS[flow.result]}  ${flow.title}  ${flow.says}`),
    '',
    ...(first
      ? [
          `The first difference: ${first.title}`,
          ...first.differences.flatMap(d => sideBySide(d, columns)),
          '',
        ]
      : []),
    `${of('agree').length} of ${flows.length} flows agree, ${of('differ').length} differ, ${of('left-out').length} left out; ${sum('passes')} ways through the tables, ${sum('frames')} frames at devices and ${sum('connections')} connections compared`,
    '',
  ].join('\n')
}

const MARKS = { agree: 'agree ', differ: 'DIFFER', 'left-out': 'left  ' } as const

/** Two views next to each other. */
function sideBySide({ aspect, simulator, kernel }: Difference, columns: number): string[] {
  const width = Math.max(20, Math.floor((columns - 5) / 2))
  const left = wrapped(simulator, width)
  const right = wrapped(kernel, width)
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, i) =>
    `  ${(left[i] ?? '').padEnd(width)} | ${right[i] ?? ''}`.trimEnd(),
  )
  return [`  ${aspect}`, `  ${'nfsim'.padEnd(width)} | kernel`, ...rows]
}

function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap(line => {
    const out: string[] = []
    for (let rest = line; rest !== ''; ) {
      const space = rest.length > width ? rest.lastIndexOf(' ', width) : -1
      const cut = rest.length <= width ? rest.length : space > 0 ? space : width
      out.push(rest.slice(0, cut))
      rest = rest.slice(cut).trimStart()
    }
    return out
  })
}
