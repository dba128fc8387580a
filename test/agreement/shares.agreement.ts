// `npm run agreement`: prints the shares of recorded flows on which the simulator and the kernel agree.
// CASES=kernel-cases,ipvs-cases picks packs of test/cases/ (or folders, with a slash in their name),
// SHOW=20 prints the first differences, ONLY=kube- picks cases by how their name begins.
import { test } from 'vitest'
import { agreementOf, casesOf, packs, sharesOf } from './cases.js'

const show = Number(process.env.SHOW ?? 0)
const only = process.env.ONLY ?? ''

test.each(process.env.CASES?.split(',') ?? packs())('%s', pack => {
  const agreement = agreementOf(casesOf(pack).filter(({ name }) => name.startsWith(only)))
  for (const line of agreement.mismatches.slice(0, show)) console.log(line)
  console.log(`${pack}: ${sharesOf(agreement)}`)
})
