import { parseArgs } from 'node:util'
import { Agent } from '../agent.js'
import { KernelDriver } from '../kernel-driver.js'
import { tryFlow } from '../observe.js'
import { whyNotHere } from '../transport.js'
import { vmOf } from '../vm.js'
import { draftOf, KINDS } from './draft.js'
import { loadDraft } from './load-draft.js'
import { readDumps } from './real-dump.js'
import { differenceText, saveCase } from './save.js'
import { shrink } from './shrink.js'

// npm run lab:fuzz -- --minutes N --seed S --out DIR: random worlds, rules and flows, on the simulator and on this
// machine's kernel; disagreements are shrunk and kept below DIR. --only 20001013 (again and again) asks these worlds anew,
// --kinds bridge,kube draws those alone, --dumps DIR worlds around the rules of real machines, --vm DIR asks the kernel of a virtual machine, as `nfsim verify --vm` does,
// --quick leaves disagreements as large as they are. Ends with 1 if there were any, 4 where it can't run.
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string' },
    out: { type: 'string' },
    workers: { type: 'string', default: '6' },
    flows: { type: 'string', default: '8' },
    worlds: { type: 'string' },
    only: { type: 'string', multiple: true },
    kinds: { type: 'string' },
    dumps: { type: 'string' },
    vm: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
})
const number = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : otherwise
const minutes = number(values.minutes, 2)
const seed = number(values.seed, Math.floor(performance.timeOrigin) % 1_000_000)
const only = values.only?.map(world => number(world, 0))
const most = only?.length ?? number(values.worlds, Number.POSITIVE_INFINITY)
const wanted = values.kinds?.split(',')
const dumps = values.dumps === undefined ? [] : readDumps(values.dumps)
const why = values.vm === undefined ? whyNotHere() : undefined
if (why !== undefined) {
  console.error(`lab:fuzz cannot run here: ${why}`)
  process.exit(4)
}

const agent = new Agent(values.vm === undefined ? undefined : vmOf(values.vm))
const end = performance.now() + minutes * 60_000
const count = { worlds: 0, flows: 0, unknown: 0, flaky: 0, refused: 0, different: 0 }
let next = 0
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    stopping = true
  })

await agent.ready
const hasIpvs = await agent.can('ipvs')
const kinds = KINDS.filter(k => (!wanted || wanted.includes(k)) && (k !== 'ipvs' || hasIpvs))
if (kinds.length === 0) {
  await agent.close()
  throw new Error(`--kinds: some of ${KINDS.join(',')}${hasIpvs ? '' : '; this kernel has no IPVS'}`)
}
console.log(
  `seed ${seed}, ${minutes} minutes, Linux ${agent.machine.release}: npm run lab:fuzz -- --seed ${seed}`,
)

async function work(): Promise<void> {
  const kernel = new KernelDriver(agent)
  const scratch = agent.newSpace()
  await agent.ask('spaces', { spaces: [scratch] })
  while (!stopping && performance.now() < end && next < most) {
    const mine = only?.[next] ?? seed * 1000 + next
    next++
    try {
      await oneWorld(kernel, scratch, mine)
    } catch (error) {
      console.log(`world ${mine}: ${error instanceof Error ? error.message : error}`)
      count.different++
    }
  }
  await kernel.close()
}

async function oneWorld(kernel: KernelDriver, scratch: string, mine: number): Promise<void> {
  const draft = draftOf(mine, number(values.flows, 8), kinds, agent.kernel, dumps)
  const { files, snapshot, refused } = await loadDraft(agent, scratch, draft.files)
  for (const line of refused) {
    count.refused++
    console.log(`${draft.title}: refused by ${line}`)
  }
  const notes = await kernel.load(snapshot)
  if (notes.length > 0) console.log(`${draft.title}: ${notes.join('\n  ')}`)
  count.worlds++
  let port = 42000
  for (const [at, asked] of draft.flows.entries()) {
    if (stopping || performance.now() > end) return
    const trial = await tryFlow(snapshot, kernel, asked)
    count.flows++
    if (!trial.differences) count.unknown++
    if (!trial.differences || trial.differences.length === 0) continue
    const again = await tryFlow(snapshot, kernel, { ...asked, sport: port++ }, true)
    if (!again.differences || again.differences[0]?.aspect !== trial.differences[0]!.aspect) {
      count.flaky++
      console.log(`${draft.title}#${at}: not again: ${differenceText(trial)}`)
      continue
    }
    count.different++
    const found = { files, trial: again }
    const small = values.quick ? found : await shrink(kernel, found, asked, () => port++)
    const { src, dst, proto, dport, payload, before = [] } = asked
    const first = before.map(
      b =>
        `, after ${b.src} > ${b.dst}:${b.dport} ${b.sport === undefined ? 'from the same port ' : ''}(${b.end})`,
    )
    const bytes = payload === undefined ? '' : ` (${payload} bytes)`
    console.log(
      `\n== ${draft.title}#${at}: ${proto} ${src} > ${dst}:${dport}${bytes}${first.join('')}\n${differenceText(small.trial)}`,
    )
    for (const [name, text] of small.files)
      if (/tables-save|sysctl|ip-rule/.test(name))
        for (const line of text.split('\n'))
          if (
            /--comment r|^:.* DROP| = |^100:/.test(line) &&
            !/ratelimit|send_redir|rp_filter = 0/.test(line)
          )
            console.log(`  ${name}: ${line}`)
    if (values.out !== undefined) {
      const dir = await saveCase(values.out, `${draft.title}-${at}`, kernel, small)
      console.log(`  kept in ${dir}`)
    }
    await kernel.load(snapshot)
  }
}

try {
  await Promise.all(Array.from({ length: number(values.workers, 6) }, work))
} finally {
  await agent.close()
}
console.log(
  `${count.flows} flows in ${count.worlds} worlds compared: ${count.different} different, ${count.unknown} unknown to nfsim, ${count.flaky} not repeatable, ${count.refused} rules refused (seed ${seed})`,
)
process.exitCode = count.different > 0 ? 1 : 0
