import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerFor } from '../src/demo/demo-answers.ts'
import { cleanEnvironment, type FlintUnderTest, PROJECT, runProgram, startFlint } from './support/flint.ts'
import { recordsByClaim } from './support/records.ts'
import { type ReceivedRequest, type ScriptedProvider, startScriptedProvider } from './support/scripted-provider.ts'

const PROVIDER_KEY = 'sk-provider-0123456789abcd'
const OAUTH = 'sk-ant-oat01-0123456789abcd'
const CREDENTIALS = ['authorization', 'x-api-key', 'x-goog-api-key', 'x-provider-key']

/** One line of sdk_matrix.py. */
interface Line {
  readonly sdk: string
  readonly keys: string
  readonly stream: boolean
  readonly claim: string
  readonly credential: readonly [name: string, value: string]
  readonly direct: Seen
  readonly through: Seen
}
interface Seen {
  readonly value: unknown
  readonly error: string | null
}

/** What the demo provider tells, cached and hidden tokens included, by SDK. */
const TOKENS = {
  openai: { inputTokens: 24, outputTokens: 12, totalTokens: 36 },
  anthropic: { inputTokens: 24, outputTokens: 12, totalTokens: 36 },
  'google-genai': { inputTokens: 16, outputTokens: 15, totalTokens: 31 },
}

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.warn('no python3 on this machine: the SDKs for Python are not tried')

describe.skipIf(!hasPython)('the SDKs for Python, in every way to give the two keys', () => {
  let folder: string
  let provider: ScriptedProvider
  let flint: FlintUnderTest
  let lines: Line[]
  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-sdks-'))
    await runProgram('python3', ['-m', 'venv', path.join(folder, 'venv')])
    const requirements = path.join(PROJECT, 'test/requirements-sdks.txt')
    const pip = ['install', '--quiet', '--disable-pip-version-check', '--no-compile', '-r', requirements]
    await runProgram(path.join(folder, 'venv/bin/pip'), pip).catch((cause: Error) => {
      throw new Error(`the SDKs of test/requirements-sdks.txt cannot be installed: ${cause.message}`, { cause })
    })
    provider = await startScriptedProvider()
    // Ids and times of an answer are its own each time; both ways must get the same.
    const answers = new Map<string, ReturnType<typeof answerFor>>()
    provider.answer(({ url, body }, response) => {
      const path = url.split('?')[0] ?? ''
      const question = `${path} ${body.toString()}`
      const { status, headers, body: answer, events } = answers.get(question) ?? answerFor(path, body.toString())
      answers.set(question, { status, headers, body: answer, events })
      response.writeHead(status, { 'content-type': events ? 'text/event-stream' : 'application/json', ...headers })
      response.end(events ? events.join('') : JSON.stringify(answer))
    })
    flint = await startFlint({ upstream: provider.url })
    const setup = { provider: provider.url, flint: flint.baseUrl, flintKey: flint.key, providerKey: PROVIDER_KEY, oauth: OAUTH }
    const matrix = path.join(PROJECT, 'test/support/sdk_matrix.py')
    // Keys and addresses of the machine's user are not the test's.
    const strange = /^(OPENAI|ANTHROPIC|GOOGLE|GEMINI)_|_proxy$/i
    const env = Object.fromEntries(Object.entries(cleanEnvironment()).filter(([name]) => !strange.test(name)))
    const printed = await runProgram(path.join(folder, 'venv/bin/python'), [matrix, JSON.stringify(setup)], env)
    lines = printed
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line)
  })
  afterAll(async () => {
    await flint?.stop()
    await provider?.close()
    fs.rmSync(folder, { recursive: true, force: true })
  })

  it('see the answer as they would without Flint, plain and as a stream', () => {
    expect(lines.length).toBe(46)
    for (const { sdk, keys, stream, direct, through } of lines) {
      const name = `${sdk}, ${keys}, ${stream ? 'stream' : 'plain'}`
      expect.soft(direct.error, name).toBeNull()
      expect.soft(through, name).toEqual(direct)
      expect.soft(JSON.stringify(through.value), name).toContain('net-30')
    }
  })

  it('bring the provider exactly one credential, the right one, and nothing of Flint’s', () => {
    // Each line is two calls: the first directly, the second through Flint.
    expect(provider.received.length).toBe(lines.length * 2)
    for (const [at, { sdk, keys, stream, credential }] of lines.entries()) {
      const name = `${sdk}, ${keys}, ${stream ? 'stream' : 'plain'}`
      const request = provider.received[at * 2 + 1]
      const headers = headersOf(request)
      expect
        .soft(
          headers.filter(([header]) => CREDENTIALS.includes(header)),
          name,
        )
        .toEqual([credential])
      expect
        .soft(
          headers.filter(([header]) => /^x-(flint|envoy|forwarded|provider-key)/.test(header)),
          name,
        )
        .toEqual([])
      expect.soft(JSON.stringify([request?.url, headers, request?.body.toString()]), name).not.toContain('flnt_')
      expect.soft(request?.url, name).toBe(provider.received[at * 2]?.url)
      expect.soft(request?.body.toString(), name).toBe(provider.received[at * 2]?.body.toString())
    }
  })

  it('leave one record each, with the tokens the provider told', async () => {
    const records = await recordsByClaim(
      flint,
      lines.map(({ claim }) => claim),
    )
    expect((await flint.records()).length).toBe(lines.length)
    for (const { sdk, keys, stream, claim } of lines) {
      const tokens = sdk.startsWith('openai') ? TOKENS.openai : TOKENS[sdk === 'anthropic' ? 'anthropic' : 'google-genai']
      const wanted = { status: 200, outcome: 'complete', keyHint: '...abcd', stream, usageSource: 'provider', ...tokens }
      expect.soft(records.get(claim), `${sdk}, ${keys}, ${stream ? 'stream' : 'plain'}`).toMatchObject(wanted)
    }
  })
})

function headersOf(request: ReceivedRequest | undefined): Array<readonly [name: string, value: string]> {
  const raw = request?.rawHeaders ?? []
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1] ?? ''] as const] : []))
}
