import type { IpvsTable } from '../model/ipvs.js'
import type { Problem } from '../model/place.js'
import { chunksOf } from './chunks.js'
import { parse } from './generated/ipvsadm.js'
import { createGather } from './ipvs/gather.js'
import { BadLine, type IpvsNode } from './ipvs/nodes.js'
import { problemAt } from './problems.js'
import { describeKind, recognise } from './recognise.js'
import { whyNot } from './syntax.js'

/** No service line is near this long; a file with such lines is something else. */
const LONGEST_LINE = 10_239
/** After so many problems the rest is not read: this is no dump. */
const ENOUGH = 1000

/** Reads `ipvsadm -Ln` or `ipvsadm -Sn` text. Never throws on bad text: problems say what and where. */
export function parseIpvsadm(
  text: string,
  context: { readonly file: string },
): { ipvs: IpvsTable; problems: readonly Problem[] } {
  const { file } = context
  const problems: Problem[] = []
  const gather = createGather()
  // What is no ipvsadm text at all gets one answer, not one a line
  const kind = recognise(text)
  if (kind !== undefined && kind !== 'ipvsadm') {
    const message = `this looks like ${describeKind(kind)}, not \`ipvsadm -Ln\` or \`ipvsadm -Sn\``
    const [first = ''] = text.split('\n', 1)
    return {
      ipvs: gather.table(file),
      problems: [problemAt({ file, line: 1, column: 1 }, message, first.trimEnd())],
    }
  }
  const report = (line: number, column: number, message: string, source: string) => {
    problems.push(problemAt({ file, line, column }, message, source))
  }
  for (const chunk of chunksOf(text, LONGEST_LINE, 'ipvsadm')) {
    if (chunk.refused) {
      report(chunk.line, chunk.refused.column, chunk.refused.message, chunk.text)
      continue
    }
    const nodes = parse(chunk.text, { startRule: 'Chunk', peg$silentFails: 1 }) as readonly IpvsNode[]
    const sources = chunk.text.split('\n')
    for (let i = 0; i < nodes.length && problems.length < ENOUGH; i++) {
      const node = nodes[i]!
      const source = sources[i]!.replace(/\r$/, '')
      if (node.kind === 'bad') {
        const why = whyNot(() => parse(source, { startRule: 'Line' }), source)
        report(chunk.line + i, why.column, why.message, source)
        continue
      }
      try {
        gather.take(node, chunk.line + i)
      } catch (error) {
        if (!(error instanceof BadLine)) throw error
        const indent = source.length - source.trimStart().length
        report(chunk.line + i, error.column === 1 ? indent + 1 : error.column, error.message, source)
      }
    }
    if (problems.length >= ENOUGH) break
  }
  if (problems.length >= ENOUGH)
    problems.push({ ...problems.at(-1)!, message: 'too many problems: the rest of the file is not read' })
  return { ipvs: gather.table(file), problems }
}
