import { defineConfig } from 'vitest/config'

const floor = (name: string, suffix: string, timeoutMs: number, setup: string[] = []) => ({
  test: {
    name,
    include: [`{src,envoy,test,bench,dashboard}/**/*${suffix}`],
    exclude: [
      '**/node_modules/**',
      ...(name === 'unit'
        ? ['integration', 'e2e', 'client', 'browser', 'mesh', 'deploy'].map(
            (other) => `**/*.${other}.test.ts`,
          )
        : []),
    ],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    pool: 'forks' as const,
    // These floors start what is in dist/: it is built from today's sources first.
    ...(name === 'unit' ? {} : { globalSetup: ['./test/support/build-program.ts', ...setup] }),
  },
})

const PAGE = './test/support/build-page.ts'

/**
 * Suites of queries that run on a cluster of two shards as well, and must find the same there
 * (docs/scale.md).
 */
const ON_TWO_SHARDS = [
  'src/store/calls/*.integration.test.ts',
  'src/store/evidence/{insert-evidence,held-calls}.integration.test.ts',
  'src/store/identity/identity-log.integration.test.ts',
  'src/store/sql-document.integration.test.ts',
  'src/delivery/erasing.integration.test.ts',
  'src/api/{facets,find,top}/*.integration.test.ts',
]

/**
 * Three floors: pure, with real servers on loopback, with the real Envoy. `dashboard`, `clients`,
 * `mesh` and `deploy` are as the third, for the pages in a browser, for programs that others wrote,
 * for control planes and for what operators install. Two workers: the product runs on two cores
 * here.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      floor('unit', '.test.ts', 60_000),
      floor('integration', '.integration.test.ts', 240_000),
      {
        test: {
          ...floor('shards', '.integration.test.ts', 360_000).test,
          include: ON_TWO_SHARDS,
          env: { TEMPORARY_STORE: 'two shards' },
        },
      },
      floor('e2e', '.e2e.test.ts', 480_000, [PAGE]),
      floor('dashboard', '.browser.test.ts', 480_000, [PAGE]),
      floor('clients', '.client.test.ts', 240_000, ['./test/clients/install.ts']),
      floor('mesh', '.mesh.test.ts', 240_000, ['./test/mesh/install.ts']),
      floor('deploy', '.deploy.test.ts', 240_000),
    ],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
  },
})
