import type { Command } from 'commander'
import { fix } from '../diagnosis/cures/fix.js'
import { type DiagnosedOptions, trace } from '../diagnosis/diagnosed.js'
import { explain } from '../diagnosis/explain.js'
import type { Snapshot } from '../model/snapshot.js'
import { renderConntrack, renderIpvs } from '../render/conntrack.js'
import { renderCures, renderExplanations } from '../render/cures.js'
import { renderJson, traceJson } from '../render/json.js'
import { BadFilter, type PacketFilter, parsePacketFilter } from '../render/packet-filter.js'
import { parseCapture, renderTcpdump } from '../render/tcpdump.js'
import { renderText } from '../render/text.js'
import { renderWhatIf, type WhatIfView } from '../render/what-if.js'
import { xtablesMonitorText } from '../render/xtables-monitor.js'
import type { Conversation, Flow } from '../talk/conversation.js'
import { explore } from '../talk/explore.js'
import { UnknownName } from '../talk/resolve-flow.js'
import { parting } from '../trace/diff.js'
import { ZOOMS, type Zoom } from '../trace/zoom.js'
import { branchesText } from './branches.js'
import { addEditOptions, type EditOptions, experiment } from './experiment.js'
import { exitFor, worstExit } from './exit-codes.js'
import { portOf, protoOf, readFlows } from './flows.js'
import type { Io } from './io.js'
import { collect, formatOption, wordOption } from './options.js'
import { paintFor } from './paint.js'
import type { Finish } from './run.js'
import { addRepeatOptions, type RepeatOptions, readCount, repeatOf, sizeOf } from './repeat.js'
import { addSendOptions, type SendOptions, sendsOf } from './sends.js'
import { readText } from './read-text.js'
import { addSourceOptions, isLone, openSource, type SourceOptions } from './snapshot-source.js'
import { UsageError } from './usage-error.js'

const FORMATS = ['text', 'json', 'xtables', 'conntrack', 'tcpdump', 'ipvsadm'] as const
type Format = (typeof FORMATS)[number]

interface TraceOptions extends SourceOptions, EditOptions, SendOptions, RepeatOptions {
  readonly fix?: boolean
  readonly explain?: readonly string[]
  readonly proto?: string
  readonly sport?: string
  readonly dport?: string
  readonly flows?: string
  readonly choose?: readonly number[]
  readonly allBranches?: boolean
  readonly retries?: number
  readonly zoom: Zoom
  readonly format: Format
  readonly capture: string
  readonly filter?: PacketFilter
}

/** `nfsim trace`: what happens to one conversation (or to each of a list), and where and why it breaks. */
export function addTrace(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('trace')
    .description('tell what happens to one conversation, both directions, and where and why it breaks')
  addRepeatOptions(addSendOptions(addEditOptions(addSourceOptions(command))))
    .option('--src <who>', 'who asks: a name, an address, a node, a namespace')
    .option('--dst <whom>', 'whom: a name, an address, address:port')
    .option('--proto <proto>', 'tcp, udp, icmp or sctp (default: tcp)')
    .option('--sport <port>', 'source port')
    .option('--dport <port>', 'destination port')
    .option(
      '--flows <file>',
      'a JSON array of {src, dst, proto, dport, sport}; each starts from the same fresh state',
    )
    .option('--choose <numbers>', 'answers at random branches, in order: 0,2,1', readNumbers)
    .option('--all-branches', 'try every answer at every random branch')
    .option('--fix', 'search for the smallest edits that make it work, each of them tried')
    .option('--explain <rule>', 'would this rule ever match, and why not (repeatable)', collect)
    .option('--retries <count>', 'how often an unanswered packet is sent again', readCount)
    .addOption(wordOption('--zoom <zoom>', 'how much to tell', ZOOMS, 'summary'))
    .addOption(formatOption(FORMATS))
    .option('--capture <iface>', 'for tcpdump: one interface, as eth0 or NETNS:eth0', 'any')
    .option(
      '--filter <expression>',
      "for tcpdump: packets to show, as 'host 10.96.0.10 and tcp port 80'",
      readFilter,
    )
    .action(async (options: TraceOptions) => {
      const flows = questions(options)
      const worldOf = await worlds(options, io)
      if (options.allBranches) return finish(await allBranches(worldOf, flows, options, io))
      // many questions get their causes, few also their tried cures
      const how = { ...replay(options), cures: flows.length <= MOST_CURED }
      const answers: Answer[] = []
      for (const [at, flow] of flows.entries())
        answers.push(answered(options, at, await worldOf(flow), flow, how))
      io.out(shown(answers, options, io))
      finish(worstExit(answers.map(({ talk }) => exitFor(talk.outcome))))
    })
}

/** Beyond this many questions at once, cures are offered untried. */
const MOST_CURED = 50

/** A conversation, and what was asked about it besides. */
interface Answer {
  readonly talk: Conversation
  readonly world: Snapshot
  readonly whatIf?: WhatIfView
}

function answered(
  options: TraceOptions,
  at: number,
  world: Snapshot,
  flow: Flow,
  how: DiagnosedOptions,
): Answer {
  const tried = experiment(world, options)
  const talk = asked(options, at, tried?.after ?? world, flow, how)
  if (!tried) return { talk, world }
  const before = asked(options, at, world, flow, { ...how, cures: false })
  const { title, commands } = tried
  return {
    talk,
    world: tried.after,
    whatIf: {
      title,
      commands: commands.apply,
      undo: commands.undo,
      before,
      after: talk,
      parting: parting(before.packets, talk.packets),
    },
  }
}

/** One question; what is wrong with it is said with its place in the list. */
function asked(
  options: TraceOptions,
  at: number,
  world: Snapshot,
  flow: Flow,
  how: DiagnosedOptions,
): Conversation {
  try {
    return trace(world, flow, how)
  } catch (error) {
    if (options.flows === undefined || !(error instanceof UnknownName)) throw error
    const hint = error.suggestions.length > 0 ? `; did you mean ${error.suggestions.join(' or ')}?` : ''
    throw new UsageError(error.code, `${options.flows}: flow ${at}: ${error.message}${hint}`)
  }
}

type WorldOf = (flow: Flow) => Promise<Snapshot>

/** One snapshot serves all questions; the world around a lone dump is made for each. */
async function worlds(options: TraceOptions, io: Io): Promise<WorldOf> {
  // edits, --set among them, are an experiment of their own: the world before them is asked as well
  const { set: _, ...source } = options
  if (isLone(options)) return ({ src, dst }) => openSource({ ...source, src, dst }, io)
  const snapshot = await openSource(source, io)
  return async () => snapshot
}

const replay = ({ choose, retries, zoom, ...told }: TraceOptions) => ({
  ...sendsOf(told),
  ...repeatOf(told),
  ...(choose && { choose }),
  ...(retries !== undefined && { retries }),
  full: zoom === 'full',
})

function questions(options: TraceOptions): Flow[] {
  const { src, dst, proto, sport, dport, flows } = options
  const payload = sizeOf(options)
  if (flows !== undefined) {
    for (const [flag, value] of Object.entries({ src, dst, proto, sport, dport }))
      if (value !== undefined)
        throw new UsageError('conflict', `error: --${flag} and --flows cannot be given together`)
    return readFlows(flows, readText(flows)).map(flow =>
      payload === undefined ? flow : { payload, ...flow },
    )
  }
  if (src === undefined || dst === undefined)
    throw new UsageError('missing-flow', 'error: --src and --dst are needed, or --flows FILE')
  return [
    {
      src,
      dst,
      ...(proto !== undefined && { proto: protoOf(proto) }),
      ...(sport !== undefined && { sport: portOf('--sport', sport) }),
      ...(dport !== undefined && { dport: portOf('--dport', dport) }),
      ...(payload !== undefined && { payload }),
    },
  ]
}

function shown(answers: readonly Answer[], options: TraceOptions, io: Io): string {
  const { format, flows } = options
  if (format === 'json') {
    const list = answers.map(answer => ({
      ...traceJson(answer.talk, options.zoom),
      ...extras(answer, options),
    }))
    return `${JSON.stringify(flows === undefined ? list[0]! : list, null, 1)}\n`
  }
  const view = { columns: io.columns, paint: paintFor(io.color) }
  return answers
    .map(({ talk, world, whatIf }) => {
      const text = shownOne(talk, format, options, io)
      if (format !== 'text') return text
      const more = [
        ...(options.explain ?? []).map(rule => renderExplanations(explain(talk, world, rule), view)),
        ...(options.fix && talk.outcome !== 'ok'
          ? [renderCures(fix(talk, world, replay(options)), view)]
          : []),
      ]
      return [...(whatIf ? [renderWhatIf(whatIf, view)] : []), text, ...more].join('\n')
    })
    .join(format === 'text' ? '\n' : '')
}

/** What was asked besides the conversation itself. */
function extras({ talk, world, whatIf }: Answer, options: TraceOptions) {
  return {
    ...(whatIf && {
      whatIf: {
        title: whatIf.title,
        commands: whatIf.commands,
        undo: whatIf.undo,
        before: { outcome: whatIf.before.outcome, because: whatIf.before.because },
        ...(whatIf.parting && { parting: whatIf.parting }),
      },
    }),
    ...(talk.earlier && { earlier: talk.earlier }),
    ...(options.fix && { cures: fix(talk, world, replay(options)) }),
    ...(options.explain && { explanations: options.explain.flatMap(rule => explain(talk, world, rule)) }),
  }
}

function shownOne(
  talk: Conversation,
  format: Exclude<Format, 'json'>,
  options: TraceOptions,
  io: Io,
): string {
  switch (format) {
    case 'text':
      return renderText(talk, { zoom: options.zoom, columns: io.columns, paint: paintFor(io.color) })
    case 'xtables':
      return xtablesMonitorText(talk)
    case 'conntrack':
      return renderConntrack(talk)
    case 'ipvsadm':
      return renderIpvs(talk)
    case 'tcpdump':
      return renderTcpdump(talk, parseCapture(options.capture), options.filter)
  }
}

async function allBranches(
  worldOf: WorldOf,
  flows: readonly Flow[],
  options: TraceOptions,
  io: Io,
): Promise<number> {
  const codes: number[] = []
  const talks: Conversation[] = []
  for (const [at, flow] of flows.entries()) {
    const before = await worldOf(flow)
    const snapshot = experiment(before, options)?.after ?? before
    const explored = explore(choose =>
      asked(options, at, snapshot, flow, { ...replay(options), choose, cures: false }),
    )
    talks.push(...explored.branches.map(branch => branch.talk))
    codes.push(...explored.branches.map(branch => exitFor(branch.talk.outcome)))
    if (options.format === 'text')
      io.out(branchesText(explored, { zoom: options.zoom, columns: io.columns, paint: paintFor(io.color) }))
    else if (options.format !== 'json')
      for (const { talk } of explored.branches) io.out(shownOne(talk, options.format, options, io))
    if (explored.cut) io.err(`only the first ${explored.branches.length} branches were tried\n`)
  }
  if (options.format === 'json') io.out(renderJson(talks, options.zoom))
  return worstExit(codes)
}

function readNumbers(text: string): number[] {
  const numbers = text.split(',').map(part => (/^\d{1,6}$/.test(part.trim()) ? Number(part) : Number.NaN))
  if (numbers.some(Number.isNaN))
    throw new UsageError('bad-choice', `error: --choose ${text}: expected numbers from 0, with commas: 0,2,1`)
  return numbers
}

function readFilter(text: string): PacketFilter {
  try {
    return parsePacketFilter(text)
  } catch (error) {
    if (!(error instanceof BadFilter)) throw error
    throw new UsageError(
      'bad-filter',
      `error: --filter: ${error.message}\n  ${text}\n  ${' '.repeat(error.column - 1)}^`,
    )
  }
}
