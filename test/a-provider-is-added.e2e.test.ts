import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cleanEnvironment, freePort, type ListedRecord } from './support/flint.ts'
import { type ProgramCopy, programWithProvider } from './support/program-with-provider.ts'
import { type ScriptedProvider, startScriptedProvider } from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'

/**
 * docs/adding-a-provider.md, followed to the letter: test/sample-provider/ and one line, the real
 * compiler and the real Envoy.
 */

const FLINT_KEY = 'flnt_live_testtesttesttesttesttesttesttesttest0001'
const PROVIDER_KEY = 'sample-key-0123456789abcd'

let program: ProgramCopy
let provider: ScriptedProvider
let dataDir: string
let flint: ChildProcess
let printed = ''
let baseUrl: string

beforeAll(async () => {
  program = await programWithProvider('sample', path.join(import.meta.dirname, 'sample-provider'))
  provider = await startScriptedProvider()
  dataDir = temporaryDirectory()
  const port = await freePort()
  baseUrl = `http://127.0.0.1:${port}`
  flint = spawn(process.execPath, [program.main, 'up'], {
    cwd: dataDir,
    env: {
      ...cleanEnvironment(),
      FLINT_PORT: String(port),
      FLINT_DATA_DIR: dataDir,
      FLINT_BOOTSTRAP_KEY: FLINT_KEY,
      FLINT_PROVIDERS_SAMPLE_UPSTREAM: provider.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [flint.stdout, flint.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk
    })
  await until('flint up', 60_000, () => {
    if (flint.exitCode !== null)
      throw new Error(`flint up ended with ${flint.exitCode}:\n${printed}`)
    return printed.includes('Ctrl-C stops everything.')
  })
})
afterAll(async () => {
  if (flint !== undefined && flint.exitCode === null) {
    const gone = new Promise((resolve) => flint.once('exit', resolve))
    flint.kill('SIGTERM')
    await gone
  }
  await provider?.close()
  program?.remove()
})

async function ask(
  id: string,
  {
    address = 'sample/answers',
    keys = {},
  }: { address?: string; keys?: Record<string, string> } = {},
) {
  provider.received.length = 0
  const response = await fetch(`${baseUrl}/v1/proxy/${address}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-flint-request-id': id,
      ...(Object.keys(keys).length > 0
        ? keys
        : { authorization: `Bearer ${FLINT_KEY}`, 'x-sample-key': PROVIDER_KEY }),
    },
    body: JSON.stringify({ model: 'mistral-large-latest', question: 'How are you?' }),
  })
  return { status: response.status, body: await response.text(), arrived: provider.received[0] }
}

async function api<Body>(address: string, init: RequestInit = {}): Promise<Body> {
  const headers = { authorization: `Bearer ${FLINT_KEY}`, 'content-type': 'application/json' }
  const response = await fetch(baseUrl + address, { ...init, headers })
  expect(response.ok, `${address}: ${response.status}`).toBe(true)
  return (await response.json()) as Body
}

/** The record of the call that claimed this id. */
async function recordOf(id: string): Promise<ListedRecord> {
  let found: ListedRecord | undefined
  await until(`the record of ${id}`, 20_000, async () => {
    const { records } = await api<{ records: ListedRecord[] }>('/v1/audit?provider=sample&limit=50')
    found = records.find(({ claimedRequestId }) => claimedRequestId === id)
    return found !== undefined
  })
  if (found === undefined) throw new Error('unreachable')
  return found
}

const answer = JSON.stringify({
  id: 'answer-1',
  model: 'mistral-large-latest',
  answer: 'Very well.',
  stopped: 'end',
  tokens: { in: 1_000, out: 200, from_cache: 0 },
})

describe('a provider of one folder and one line', () => {
  test('is in the settings, the welcome and the texts for people', async () => {
    expect(printed).toContain(
      `Sample                 ${baseUrl}/v1/proxy/sample        → ${provider.url}`,
    )
    const unknown = await fetch(`${baseUrl}/v1/proxy/mistral/v1/chat`, {
      method: 'POST',
      body: '{}',
    })
    expect(await unknown.text()).toContain('use sample, openai, anthropic, gemini or chatgpt.')
  })

  test.each(['sample/answers', 'sample/v2/answers', 'sample/v2/v2/answers', 'sample/v1/answers'])(
    'is called through Envoy at %s with its own key in its own place',
    async (address) => {
      provider.answer((_request, response) => {
        response
          .writeHead(200, { 'content-type': 'application/json', 'x-sample-request-id': 'req-77' })
          .end(answer)
      })
      const called = await ask(address, { address })
      expect(called).toMatchObject({
        status: 200,
        body: answer,
        arrived: { method: 'POST', url: '/v2/answers' },
      })
      expect(called.arrived?.headers['x-sample-key']).toBe(PROVIDER_KEY)
      expect(called.arrived?.headers.authorization).toBeUndefined()
      expect(JSON.stringify(called.arrived?.rawHeaders)).not.toContain('flnt_')
      // $2 per million tokens in, $6 per million out.
      expect(await recordOf(address)).toMatchObject({
        provider: 'sample',
        endpoint: '/v2/answers',
        model: 'mistral-large-latest',
        outcome: 'complete',
        providerRequestId: 'req-77',
        finishReason: 'end',
        inputTokens: 1_000,
        outputTokens: 200,
        usageSource: 'provider',
        costUsd: 0.0032,
        costStatus: 'exact',
        parserVersion: expect.stringMatching(/^sample-answers\//),
      })
    },
  )

  test('takes the Flint key from the header of its SDK', async () => {
    const called = await ask('keys', {
      keys: { 'x-sample-key': FLINT_KEY, 'x-provider-key': PROVIDER_KEY },
    })
    expect(called.status).toBe(200)
    expect(called.arrived?.headers['x-sample-key']).toBe(PROVIDER_KEY)
    expect(await recordOf('keys')).toMatchObject({ provider: 'sample', outcome: 'complete' })
  })

  test('is read from a stream, and counted where the stream has no usage', async () => {
    const events = ['Very ', 'well.'].map(
      (piece) => `data: ${JSON.stringify({ model: 'mistral-large-latest', piece })}\n\n`,
    )
    provider.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const event of events) response.write(event)
      response.end()
    })
    expect((await ask('stream')).body).toBe(events.join(''))
    const record = await recordOf('stream')
    expect(record).toMatchObject({ stream: true, usageSource: 'estimated', outputTokens: 3 })
    expect(record.inputTokens).toBeGreaterThan(0)
  })

  test('has its prompts and answers kept where the organisation wants that', async () => {
    await api('/v1/settings', { method: 'PATCH', body: JSON.stringify({ promptCapture: true }) })
    provider.answer(
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(answer),
    )
    let number = 0
    await until('capture to be on', 60_000, async () => {
      const id = `capture-${number++}`
      await ask(id)
      const record = await recordOf(id)
      return (
        record.promptCapture === true &&
        record.promptPreview === 'How are you?' &&
        record.completionPreview === 'Very well.'
      )
    })
  })

  test('can be reported', async () => {
    const report = {
      provider: 'sample',
      endpoint: '/v2/answers',
      response: JSON.parse(answer) as unknown,
    }
    const { requestId } = await api<{ requestId: string }>('/v1/audit/report', {
      method: 'POST',
      body: JSON.stringify(report),
    })
    await until('the reported record', 20_000, async () => {
      const { records } = await api<{ records: ListedRecord[] }>(
        '/v1/audit?provider=sample&limit=50',
      )
      return records.some(
        (record) => record.requestId === requestId && record.inputTokens === 1_000,
      )
    })
  })
})
