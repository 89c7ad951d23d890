import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { renderOpenApi } from './write-openapi.ts'

test('the committed docs/openapi.json is the document the API serves', async () => {
  const committed = readFileSync(
    join(import.meta.dirname, '..', '..', 'docs', 'openapi.json'),
    'utf8',
  )
  expect(committed, 'run `npm run openapi`').toBe(await renderOpenApi())
})

test('the committed document is without a fault in the eyes of a linter', () => {
  const root = join(import.meta.dirname, '..', '..')
  // No notices and no telemetry: it only reads two files.
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const lint = spawnSync(
    process.execPath,
    [join(root, 'node_modules/@redocly/cli/bin/cli.js'), 'lint', 'docs/openapi.json'],
    {
      cwd: root,
      env,
      encoding: 'utf8',
    },
  )
  expect(lint.status, lint.stderr).toBe(0)
})

test('every operation has a name, a summary and, where a key is needed, its error answers', async () => {
  const document: unknown = JSON.parse(await renderOpenApi())
  expect(document).toMatchObject({
    openapi: '3.1.0',
    components: {
      securitySchemes: { flintKey: { scheme: 'bearer' } },
      schemas: { AuditRecord: {}, FlintError: {} },
    },
  })
  const operations = operationsOf(document)
  const success: Readonly<Record<string, number>> = {
    'get /healthz': 200,
    'get /readyz': 200,
    'get /v1/audit': 200,
    'get /v1/audit/export': 200,
    'get /v1/audit/facets': 200,
    'get /v1/audit/find': 200,
    'get /v1/audit/{requestId}/evidence': 200,
    'get /v1/audit/live': 200,
    'get /v1/audit/losses': 200,
    'get /v1/audit/summary': 200,
    'get /v1/audit/top': 200,
    'get /v1/audit/{requestId}': 200,
    'delete /v1/audit/{requestId}': 200,
    'post /v1/audit/erasures': 200,
    'get /v1/audit/events': 200,
    'get /v1/audit/prompt/{requestId}': 200,
    'get /v1/audit/prompt/{requestId}/attachments/{sha256}': 200,
    'get /v1/audit/prompt/{requestId}/reads': 200,
    'post /v1/audit/report': 202,
    'get /v1/holds': 200,
    'post /v1/holds': 201,
    'delete /v1/holds/{id}': 200,
    'get /v1/views': 200,
    'get /v1/workloads': 200,
    'get /v1/coverage': 200,
    'post /v1/views': 201,
    'patch /v1/views/{id}': 200,
    'delete /v1/views/{id}': 204,
    'get /v1/settings': 200,
    'patch /v1/settings': 200,
    'get /v1/orgs': 200,
    'post /v1/orgs': 201,
    'patch /v1/orgs/{id}': 200,
    'get /v1/orgs/workloads': 200,
    'post /v1/orgs/workloads': 201,
    'delete /v1/orgs/workloads/{id}': 204,
    'get /v1/me': 200,
    'get /v1/system': 200,
    'get /v1/sessions': 200,
    'delete /v1/sessions/{id}': 204,
    'get /v1/keys/names': 200,
    'get /v1/keys': 200,
    'post /v1/keys': 201,
    'patch /v1/keys/{id}': 200,
    'delete /v1/keys/{id}': 204,
    'post /v1/keys/{id}/rotate': 201,
  }
  expect(operations.map(({ name }) => name).toSorted()).toEqual(Object.keys(success).toSorted())
  for (const { name, path, operation } of operations) {
    expect(operation, name).toMatchObject({
      operationId: expect.any(String),
      summary: expect.any(String),
    })
    if (path.startsWith('/v1/'))
      expect(operation, name).toMatchObject({
        security: [path.startsWith('/v1/orgs') ? { operatorKey: [] } : { flintKey: [] }],
        responses: { [success[name] ?? 200]: {}, 400: {}, 401: {}, 403: {}, 429: {}, 503: {} },
      })
  }
})

function operationsOf(
  document: unknown,
): readonly { name: string; path: string; operation: unknown }[] {
  if (typeof document !== 'object' || document === null || !('paths' in document)) return []
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([method, operation]) => ({
      name: `${method} ${path}`,
      path,
      operation,
    })),
  )
}
