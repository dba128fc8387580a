import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agreementOf, casesOf, packs } from './agreement/cases.js'

// SHOW=20 prints that many differences; CASES=kernel-cases,more-cases picks the packs
const show = Number(process.env.SHOW ?? 5)
const wanted = process.env.CASES?.split(',') ?? packs()
const known = new Map<string, { readonly aspect: string; readonly because: string }>(
  Object.entries(
    JSON.parse(readFileSync(new URL('./cases/known-differences.json', import.meta.url), 'utf8')),
  ),
)

describe.each(wanted)('%s', pack => {
  test.each(casesOf(pack).map(recorded => [recorded.name, recorded] as const))(
    '%s: the simulator does what the kernel did',
    (name, recorded) => {
      const excused = known.get(name)
      const { mismatches } = agreementOf([recorded])
      const wrong = mismatches.filter(line => !line.includes(` ${excused?.aspect}: `))
      expect(wrong.slice(0, show).join('\n')).toBe('')
      if (excused) expect(mismatches, 'this difference is gone: strike it from the list').not.toEqual([])
    },
  )
})
