import fc from 'fast-check'

// In each test file: fast-check takes the seed that setup-seed.ts has printed.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.NFSIM_SEED ?? 0) })
