import type { Command } from 'commander'
import type { Io } from './io.js'
import { formatOption } from './options.js'
import { PARSE_FORMATS, PARSE_KINDS, type ParseFormat, runParse } from './parse.js'
import type { Finish } from './run.js'

interface ParseFlags {
  readonly kind?: string
  readonly format: ParseFormat
  readonly counters?: boolean
  readonly paste?: boolean
  readonly table?: string
}

/** `nfsim parse DUMP`: reads one dump and prints it as canonical text, as JSON, or only what is wrong with it. */
export function addParse(program: Command, io: Io, finish: Finish): void {
  program
    .command('parse')
    .description('read one dump and print it as the tool itself would save it')
    .argument('<dump>', 'a file, or - for standard input')
    .option('--kind <kind>', `what it is, where it is not recognised: ${PARSE_KINDS.join(', ')}`)
    .option('--paste', 'find the dump inside a bug report: prompts, fences, indentation, log prefixes')
    .option('--table <table>', 'of iptables -S or -L, where nothing tells which table it is')
    .option('-c, --counters', 'print the counters of rules too')
    .addOption(formatOption(PARSE_FORMATS))
    .action(async (dump: string, flags: ParseFlags) => {
      finish(await runParse({ dump, ...flags }, io))
    })
}
