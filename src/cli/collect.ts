import type { Command } from 'commander'
import { collectScript } from '../node/collect-script.js'
import { EXIT } from './exit-codes.js'
import type { Io } from './io.js'
import type { Finish } from './run.js'

const USAGE = `
on the node:       nfsim collect > collect.sh; sudo sh collect.sh -o snapshot
from elsewhere:    nfsim collect | ssh root@node sh -s -- -c > node.tar.gz
then:              nfsim trace --snapshot snapshot --src … --dst …`

/** `nfsim collect`: prints the script that makes a snapshot on a node. */
export function addCollect(program: Command, io: Io, finish: Finish): void {
  program
    .command('collect')
    .description('print the shell script that makes a snapshot on a node (root, POSIX sh, no dependencies)')
    .addHelpText('after', USAGE)
    .action(() => {
      io.out(collectScript())
      finish(EXIT.works)
    })
}
