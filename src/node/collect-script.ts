import { readFileSync } from 'node:fs'

/** The shell script that gathers a snapshot on a node, as it is run there. @see src/collect/collect.sh */
export const collectScript = (): string =>
  readFileSync(new URL('../collect/collect.sh', import.meta.url), 'utf8')
