import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { PROJECT, runProgram } from './support/flint.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { useFlint } from './support/use-flint.ts'

const OPERATOR_KEY = 'operator-key-of-a-fuzz-0001'
const SEED = 7
/** Phase `coverage` tries each parameter at each edge of its schema: some thousand requests. */
const EACH_VALUE = ['examples', 'coverage', 'fuzzing']
/** These take the 40 filters of `GET /v1/audit` through the same schemas, which it covers alone. */
const SAME_FILTERS = '^/v1/audit/(summary|export|facets|top)'
/** An answer without an end, which Schemathesis would wait for. */
const ENDLESS = '^/v1/audit/live'

let folder: string
const flint = useFlint(() => ({
  env: { FLINT_OPERATOR_KEY: OPERATOR_KEY, FLINT_API_REQUESTS_PER_MINUTE: '1000000' },
}))
beforeAll(async () => {
  folder = temporaryDirectory()
  await runProgram('python3', ['-m', 'venv', path.join(folder, 'venv')])
  const pip = [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    path.join(PROJECT, 'test/requirements.txt'),
  ]
  await runProgram(path.join(folder, 'venv/bin/pip'), pip)
})

/**
 * Schemathesis makes requests out of the document, valid ones and broken ones, and holds every
 * answer against it.
 */
function fuzz(
  key: string,
  phases: readonly string[],
  ...choice: string[]
): { status: number | null; report: string } {
  const run = spawnSync(
    path.join(folder, 'venv/bin/schemathesis'),
    [
      ...[
        'run',
        path.join(PROJECT, 'docs/openapi.json'),
        '--url',
        flint.baseUrl,
        '-H',
        `Authorization: Bearer ${key}`,
        ...choice,
      ],
      ...[
        '--checks',
        'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance',
      ],
      ...['--checks', 'negative_data_rejection,missing_required_header,ignored_auth'],
      ...['--phases', phases.join(','), '--max-examples', '10', '--seed', String(SEED)],
      ...[
        '--generation-database',
        'none',
        '--continue-on-failure',
        '--request-timeout',
        '20',
        '--warnings',
        'off',
      ],
    ],
    // Its notes go where the test cleans up.
    { encoding: 'utf8', cwd: folder, maxBuffer: 64 * 1024 * 1024 },
  )
  return { status: run.status, report: `${run.stdout}${run.stderr}`.slice(-6_000) }
}

test('no request that the document allows or forbids gets a 500, an answer it does not describe, or a trace of our code', async () => {
  const flintKey = fuzz(
    flint.key,
    EACH_VALUE,
    '--exclude-path-regex',
    `^/v1/orgs|${SAME_FILTERS}|${ENDLESS}`,
  )
  expect(flintKey.status, flintKey.report).toBe(0)
  const filtered = fuzz(flint.key, ['examples', 'fuzzing'], '--include-path-regex', SAME_FILTERS)
  expect(filtered.status, filtered.report).toBe(0)
  const operator = fuzz(OPERATOR_KEY, EACH_VALUE, '--include-path-regex', '^/v1/orgs')
  expect(operator.status, operator.report).toBe(0)
  const log = fs.readFileSync(path.join(flint.dataDir, 'logs', 'api.log'), 'utf8')
  expect(log).toContain('"status":400')
  expect(log).not.toMatch(/"status":5\d\d/)
  // It is alive, and the keys still work.
  expect(await flint.records()).toEqual(expect.any(Array))
})
