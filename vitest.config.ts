import { defineConfig } from 'vitest/config'

const floor = (name: string, suffix: string, timeoutMs: number) => ({
  test: {
    name,
    include: [`{src,envoy,test,bench}/**/*${suffix}`],
    exclude:
      name === 'unit'
        ? ['**/*.integration.test.ts', '**/*.e2e.test.ts', '**/node_modules/**']
        : ['**/node_modules/**'],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    pool: 'forks' as const,
    // These floors start what is in dist/: it is built from today's sources first.
    ...(name === 'unit' ? {} : { globalSetup: './test/support/build-program.ts' }),
  },
})

/**
 * Three floors: pure, with real servers on loopback, with the real Envoy. Two workers: the product
 * runs on two cores here.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      floor('unit', '.test.ts', 20_000),
      floor('integration', '.integration.test.ts', 120_000),
      floor('e2e', '.e2e.test.ts', 240_000),
    ],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
  },
})
