import { readFileSync } from 'node:fs'

/** The package's own version. package.json lies one folder above both src/cli/ and dist/cli/'s parent. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
