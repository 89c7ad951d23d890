import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { renderOpenApi } from './write-openapi.ts'

test('the committed docs/openapi.json is the document the API serves', async () => {
  const committed = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'openapi.json'), 'utf8')
  expect(committed, 'run `npm run openapi`').toBe(await renderOpenApi())
})

test('every operation has a name, a summary and, where a key is needed, its error answers', async () => {
  const document: unknown = JSON.parse(await renderOpenApi())
  expect(document).toMatchObject({
    openapi: '3.1.0',
    components: { securitySchemes: { flintKey: { scheme: 'bearer' } }, schemas: { AuditRecord: {}, FlintError: {} } },
  })
  const operations = operationsOf(document)
  expect(operations.map(({ path }) => path)).toEqual(['/healthz', '/readyz', '/v1/audit', '/v1/audit/{requestId}', '/v1/audit/report'])
  for (const { path, operation } of operations) {
    expect(operation, path).toMatchObject({ operationId: expect.any(String), summary: expect.any(String) })
    if (path.startsWith('/v1/'))
      expect(operation, path).toMatchObject({
        security: [{ flintKey: [] }],
        responses: { [path.endsWith('/report') ? 202 : 200]: {}, 400: {}, 401: {}, 403: {}, 503: {} },
      })
  }
})

function operationsOf(document: unknown): readonly { path: string; operation: unknown }[] {
  if (typeof document !== 'object' || document === null || !('paths' in document)) return []
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) => Object.values(item ?? {}).map((operation) => ({ path, operation })))
}
