import { describe, expect, test } from 'vitest'
import { agreementOf, casesOf, packs } from './agreement/cases.js'

// SHOW=20 prints that many differences; CASES=kernel-cases,more-cases picks the packs
const show = Number(process.env.SHOW ?? 5)
const wanted = process.env.CASES?.split(',') ?? packs()

describe.each(wanted)('%s', pack => {
  test.each(casesOf(pack).map(recorded => [recorded.name, recorded] as const))(
    '%s: the simulator does what the kernel did',
    (_, recorded) => {
      const { mismatches } = agreementOf([recorded])
      expect(mismatches.slice(0, show).join('\n')).toBe('')
    },
  )
})
