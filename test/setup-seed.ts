// Before any test, once: the seed of all that is left to chance, printed so that a run can be repeated.
const MOST = 0x7fffffff

export default function setup(): void {
  const given = process.env.NFSIM_SEED ?? ''
  if (given !== '' && !/^\d{1,10}$/.test(given)) throw new Error(`NFSIM_SEED=${given}: expected a number`)
  if (process.env.NFSIM_SEED_TOLD) return
  const seed = given === '' ? Math.floor(Math.random() * MOST) : Number(given) % MOST
  // workers inherit both; each project runs this, and one line is enough
  process.env.NFSIM_SEED = String(seed)
  process.env.NFSIM_SEED_TOLD = '1'
  console.log(`fast-check: seed ${seed} (NFSIM_SEED=${seed} repeats this run)`)
}
