import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { answerFor } from '../src/demo/demo-answers.ts'
import { cleanEnvironment, type ListedRecord, PROJECT, runProgram } from './support/flint.ts'
import { portOf } from './support/loopback-server.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import {
  blocksOf,
  type ExpectedRecord,
  moduleOf,
  modulesAfter,
  onHost,
  sdksDocument,
} from './support/sdks-document.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const blocks = blocksOf(sdksDocument)
const inLanguages = (...languages: readonly string[]) =>
  blocks.filter(({ language }) => languages.includes(language))

/** Headers of each request that arrived, as the provider saw them. */
const received: http.IncomingHttpHeaders[] = []

/** All three providers over HTTP, and OpenAI's two kinds of websockets. */
async function startProvider() {
  const server = http.createServer((request, response) => {
    received.push(request.headers)
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const answer = answerFor(request.url ?? '', body)
      response
        .writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
        .end(JSON.stringify(answer.body))
    })
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, request) => {
    received.push(request.headers)
    const type = request.url?.includes('realtime') ? 'response.done' : 'response.completed'
    const usage = { input_tokens: 20, output_tokens: 10, total_tokens: 30 }
    const answer = { id: 'resp_1', model: 'gpt-4o', status: 'completed', usage }
    socket.on('message', () => socket.send(JSON.stringify({ type, response: answer })))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    close() {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      server.close()
    },
  }
}

const provider = useServer(startProvider)
const flint = useFlint(() => ({ upstream: provider.url }))

const environment = () => ({
  ...cleanEnvironment(),
  FLINT_API_KEY: flint.key,
  OPENAI_API_KEY: PROVIDER_KEY,
  ANTHROPIC_API_KEY: PROVIDER_KEY,
  GEMINI_API_KEY: PROVIDER_KEY,
})

/** An import is resolved from the file's own place, so the file lies inside the project. */
function writeModule(program: string): string {
  const file = path.join(temporaryDirectory(path.join(PROJECT, 'dist')), 'module.mjs')
  fs.writeFileSync(file, onHost(program, flint.baseUrl))
  return file
}

/** Fails when `act` leaves other records than these, or shows a provider a Flint key. */
async function expectRecords(
  expected: readonly ExpectedRecord[],
  act: () => Promise<unknown>,
): Promise<void> {
  const earlier = new Set((await flint.records()).map(({ requestId }) => requestId))
  received.length = 0
  await act()
  let made: ListedRecord[] = []
  await until(`${expected.length} records`, 15_000, async () => {
    made = (await flint.records()).filter(({ requestId }) => !earlier.has(requestId))
    return made.length >= expected.length
  })
  const seen = made.map(({ provider, endpoint, status }) => ({ provider, endpoint, status }))
  expect(seen).toHaveLength(expected.length)
  expect(seen).toEqual(expect.arrayContaining([...expected]))
  for (const record of made)
    expect(record).toMatchObject({ outcome: 'complete', keyHint: `...${PROVIDER_KEY.slice(-4)}` })
  expect(received).toHaveLength(expected.length)
  for (const headers of received) {
    expect(JSON.stringify(headers)).toContain(PROVIDER_KEY)
    expect(JSON.stringify(headers)).not.toContain(flint.key)
  }
}

describe('a code block of docs/sdks.md', () => {
  test('is run here; Python’s keys are those of the test of the Python SDKs', () => {
    expect(inLanguages('js').length).toBeGreaterThanOrEqual(3)
    const run = inLanguages('js', 'sh', 'python', 'toml')
    expect(blocks.filter((block) => !run.includes(block))).toEqual([])
  })

  test.each(inLanguages('toml'))(
    'for Codex names an address and a header that are served (line $line)',
    async ({ code }) => {
      const base = /^base_url = "([^"]+)"$/m.exec(onHost(code, flint.baseUrl))?.[1] ?? ''
      const [, header = '', variable = ''] =
        /^env_http_headers = \{ "([^"]+)" = "([^"]+)" \}$/m.exec(code) ?? []
      const headers = {
        authorization: `Bearer ${PROVIDER_KEY}`,
        'content-type': 'application/json',
        [header]: new Map(Object.entries(environment())).get(variable) ?? '',
      }
      const asked = { model: 'gpt-4o', input: 'hi' }
      const record = { provider: 'chatgpt', endpoint: '/backend-api/codex/responses', status: 200 }
      await expectRecords([record], async () => {
        const body = JSON.stringify(asked)
        const answer = await fetch(`${base}/responses`, { method: 'POST', headers, body })
        await answer.text()
      })
    },
  )

  test.each(inLanguages('js'))(
    'in JavaScript works as it stands (line $line)',
    async ({ code }) => {
      const { program, records } = moduleOf(code)
      expect(records.length).toBeGreaterThan(0)
      await expectRecords(records, () =>
        runProgram(process.execPath, [writeModule(program)], environment()),
      )
    },
  )

  // None where the document has no commands.
  for (const { code, line } of inLanguages('sh'))
    test(`in a shell works as it stands (line ${line})`, async () => {
      const modules = modulesAfter(code)
      const calls = modules.map(({ program }) => `'${process.execPath}' '${writeModule(program)}'`)
      const script = ['set -eu', onHost(code, flint.baseUrl), ...calls].join('\n')
      await expectRecords(
        modules.flatMap(({ records }) => records),
        () => runProgram('bash', ['-c', script], environment()),
      )
    })
})
