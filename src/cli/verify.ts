import { join } from 'node:path'
import type { Command } from 'commander'
import { withSysctl } from '../snapshot/with-sysctl.js'
import { readEdits } from '../whatif/read-edits.js'
import { whatIfAll } from '../whatif/what-if.js'
import { EXIT } from './exit-codes.js'
import { readFlows } from './flows.js'
import { UsageError } from './usage-error.js'
import type { Io } from './io.js'
import { formatOption } from './options.js'
import type { Finish } from './run.js'
import { readText } from './read-text.js'
import { addSourceOptions, openSource, scenarioPath, type SourceOptions } from './snapshot-source.js'

const FORMATS = ['text', 'json'] as const

interface VerifyOptions extends SourceOptions {
  readonly flows?: string
  readonly vm?: string | true
  readonly format: (typeof FORMATS)[number]
}

/** `nfsim verify`: the same questions to the simulator and to this machine's kernel, and a certificate of it. */
export function addVerify(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('verify')
    .description(
      'build the world in network namespaces, ask this kernel the same questions, and compare (root, Linux)',
    )
  addSourceOptions(command)
    .option('--flows <file>', 'questions instead of those that the world expects an answer to')
    .option(
      '--vm [where]',
      'on another kernel: a folder with vmlinux, initrd.img and rootfs.img to boot (default: $ORACLE_VM_DIR), or a command that gives a root shell, such as "ssh root@host"',
    )
    .addOption(formatOption(FORMATS))
    .action(async (options: VerifyOptions) => {
      const vm = options.vm === true ? process.env.ORACLE_VM_DIR : options.vm
      if (options.vm !== undefined && vm === undefined)
        throw new UsageError(
          'no-vm',
          'error: --vm needs a folder or a command, or $ORACLE_VM_DIR in the environment',
        )
      const asked =
        options.flows === undefined ? undefined : readFlows(options.flows, readText(options.flows))
      const snapshot = await openSource(options, io)
      // only here: the lab starts processes, and nothing else needs it
      const { whyNotHere } = await import('../lab/transport.js')
      const why = vm === undefined ? whyNotHere() : undefined
      if (why !== undefined) {
        io.err(`verify cannot run here: ${why}\n`)
        return finish(EXIT.unknown)
      }
      const { vmOf } = await import('../lab/vm.js')
      const { questionsOf, verify } = await import('../lab/verify.js')
      const { certificateText } = await import('../lab/certificate.js')
      const beside = (file: string) => join(options.snapshot ?? scenarioPath(options.scenario), file)
      const questions = asked
        ? asked.map(flow => ({
            title: `${flow.src} > ${flow.dst} ${flow.proto ?? 'tcp'}${flow.dport === undefined ? '' : `/${flow.dport}`}`,
            flow,
            snapshot,
          }))
        : questionsOf(snapshot, (set, apply) =>
            apply.reduce(
              (world, file) => whatIfAll(world, readEdits(readText(beside(file)), file)).after,
              set.reduce(withSysctl, snapshot),
            ),
          )
      const there = vm === undefined ? undefined : vmOf(vm)
      const { LabError } = await import('../lab/agent.js')
      const certificate = await verify(snapshot.title, questions, there).catch((error: unknown) => {
        if (!(error instanceof LabError)) throw error
        io.err(`verify could not finish: ${error.message}\n`)
      })
      if (!certificate) return finish(EXIT.unknown)
      io.out(
        options.format === 'json'
          ? `${JSON.stringify(certificate, undefined, 1)}\n`
          : certificateText(certificate, io.columns),
      )
      finish(certificate.flows.some(flow => flow.result === 'differ') ? EXIT.broken : EXIT.works)
    })
}
