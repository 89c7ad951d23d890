import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { PROJECT, runProgram } from './support/flint.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { useFlint } from './support/use-flint.ts'

/**
 * What a client generated from our document looks like to its user; `tsc` below holds the real one
 * against the document.
 */
interface Client {
  readonly defaults: { baseUrl?: string; headers?: Record<string, string> }
  reportCall(body: object, headers: { idempotencyKey?: string }): Promise<unknown>
  listAuditRecords(query: { limit?: number }): Promise<unknown>
  getSettings(): Promise<unknown>
  changeSettings(body: object): Promise<unknown>
  createKey(body: object): Promise<unknown>
  revokeKey(id: string): Promise<unknown>
  listEvents(query: { limit?: number }): Promise<unknown>
  getPrompt(requestId: string, query: object): Promise<unknown>
}

let folder: string
const flint = useFlint()
beforeAll(async () => {
  // Below the project, so that the client finds its runtime package; git does not look there.
  folder = temporaryDirectory(path.join(PROJECT, 'dist'))
})

const bin = (name: string) => path.join(PROJECT, 'node_modules', '.bin', name)

test('a client generated from the OpenAPI document compiles in strict mode and talks to a running Flint', async () => {
  const source = path.join(folder, 'client.ts')
  await runProgram(bin('oazapfts'), [path.join(PROJECT, 'docs/openapi.json'), source])
  fs.writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2023',
        module: 'nodenext',
        moduleResolution: 'nodenext',
        strict: true,
        skipLibCheck: true,
        outDir: 'out',
        lib: ['es2023', 'dom'],
        types: [],
      },
      files: ['client.ts'],
    }),
  )
  await runProgram(bin('tsc'), ['-p', folder])
  const client = (await import(pathToFileURL(path.join(folder, 'out/client.js')).href)) as Client
  client.defaults.baseUrl = flint.baseUrl
  client.defaults.headers = { authorization: `Bearer ${flint.key}` }

  expect(await client.getSettings()).toMatchObject({
    status: 200,
    data: { promptCapture: false, retentionDays: 90 },
  })
  expect(await client.changeSettings({ retentionDays: 30 })).toMatchObject({
    status: 200,
    data: { retentionDays: 30 },
  })
  const response = {
    model: 'gpt-4o',
    choices: [],
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  }
  const body = { provider: 'openai', endpoint: '/v1/chat/completions', response }
  const reported = (await client.reportCall(body, { idempotencyKey: 'once' })) as { data: unknown }
  expect(reported).toMatchObject({ status: 202, data: { requestId: expect.any(String) } })
  expect(await client.reportCall(body, { idempotencyKey: 'once' })).toMatchObject({
    status: 202,
    data: reported.data,
  })
  await flint.settled(1)
  expect(await client.listAuditRecords({ limit: 1 })).toMatchObject({
    status: 200,
    data: { count: 1, records: [{ source: 'client', totalTokens: 7 }] },
  })
  const made = (await client.createKey({ name: 'ci' })) as { data: { id: string } }
  expect(await client.revokeKey(made.data.id)).toMatchObject({ status: 204 })
  expect(await client.listEvents({ limit: 1 })).toMatchObject({
    status: 200,
    data: { events: [{ action: 'key.revoked', subject: made.data.id }] },
  })
  expect(await client.getPrompt('nobody', {})).toMatchObject({
    status: 404,
    data: { error: { code: 'not_found', reason: 'unknown' } },
  })
})
