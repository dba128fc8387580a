import { defineConfig } from 'vitest/config'

// Everything runs by default; `--project NAME` picks one kind. A lab test that needs a real kernel
// refuses by itself where it is not root on Linux, and its refusal names the reason.
const kind = (name: string, include: string[], exclude: string[] = [], timeout = 20_000) => ({
  extends: true as const,
  test: { name, include, exclude, testTimeout: timeout, hookTimeout: timeout },
})

const special = ['properties', 'golden', 'docs', 'lab', 'package']

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    globals: false,
    disableConsoleIntercept: true,
    globalSetup: ['test/setup-seed.ts'],
    setupFiles: ['test/use-seed.ts'],
    projects: [
      kind(
        'unit',
        ['test/**/*.test.ts'],
        special.map(name => `test/${name}/**`),
      ),
      kind('properties', ['test/properties/**/*.test.ts'], [], 120_000),
      kind('golden', ['test/golden/**/*.test.ts']),
      kind('docs', ['test/docs/**/*.test.ts'], [], 120_000),
      kind('lab', ['test/lab/**/*.test.ts'], [], 300_000),
      ...(process.env.npm_lifecycle_event === 'agreement'
        ? [kind('agreement', ['test/agreement/*.agreement.ts'], [], 600_000)]
        : []),
      kind('package', ['test/package/**/*.test.ts'], [], 300_000),
    ],
  },
})
