import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerFor } from '../src/demo/demo-answers.ts'
import { type Aimock, renumbered, startAimock } from './support/aimock.ts'
import { cleanEnvironment, PROJECT, runProgram, startFlint } from './support/flint.ts'
import { takeUploads } from './support/gemini-uploads.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { recordsByClaim } from './support/records.ts'
import { startScriptedProvider } from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'
import { credentialsIn, expectNothingOfFlint, type HeaderPair } from './support/wire.ts'

const OAUTH = 'sk-ant-oat01-0123456789abcd'

/** One line of sdk_matrix.py. */
interface Line {
  readonly sdk: string
  readonly keys: string
  readonly asynchronous: boolean
  readonly stream: boolean
  readonly claim: string
  readonly credential: HeaderPair | null
  readonly direct: Seen | null
  readonly through: Seen
}
/** One whose SDK brought both keys. */
interface Call extends Line {
  readonly credential: HeaderPair
  readonly direct: Seen
}
/** One line of sdk_sockets.py. */
interface SocketLine {
  readonly name: string
  readonly claim: string
  readonly direct: readonly unknown[]
  readonly through: readonly unknown[]
}
interface Seen {
  readonly value: unknown
  readonly error: string | null
}

/** What the demo provider reports, cached and hidden tokens included, by SDK. */
const TOKENS = {
  openai: { inputTokens: 24, outputTokens: 12, totalTokens: 36 },
  anthropic: { inputTokens: 24, outputTokens: 12, totalTokens: 36 },
  'google-genai': { inputTokens: 16, outputTokens: 15, totalTokens: 31 },
}

const nameOf = ({ sdk, keys, asynchronous, stream }: Line) =>
  `${sdk}, ${keys}, ${asynchronous ? 'async' : 'sync'}, ${stream ? 'stream' : 'plain'}`
const hasBothKeys = (line: Line): line is Call => line.credential !== null

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.warn('no python3 on this machine: the SDKs for Python are not tried')

describe.skipIf(!hasPython)('the SDKs for Python, in every way to give the two keys', () => {
  let folder: string
  let aimock: Aimock
  let python: (script: string, setup: object) => Promise<string[]>
  let calls: Call[]
  /** Those that leave without a provider key. */
  let keyless: Line[]
  const provider = useServer(startScriptedProvider)
  const flint = useFlint(() => ({ upstream: provider.url }))
  beforeAll(async () => {
    folder = temporaryDirectory()
    await runProgram('python3', ['-m', 'venv', path.join(folder, 'venv')])
    const requirements = path.join(PROJECT, 'test/requirements-sdks.txt')
    const pip = [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-compile',
      '-r',
      requirements,
    ]
    await runProgram(path.join(folder, 'venv/bin/pip'), pip).catch((cause: Error) => {
      throw new Error(
        `the SDKs of test/requirements-sdks.txt cannot be installed: ${cause.message}`,
        { cause },
      )
    })
    const usage = { input_tokens: 16, output_tokens: 15, total_tokens: 31 }
    aimock = await startAimock([
      {
        match: { userMessage: 'hello' },
        response: { content: 'Payment: net-30.', usage },
        chunkSize: 8,
      },
    ])
    // Ids and times of an answer are its own each time; both ways must get the same.
    const answers = new Map<string, Answer>()
    provider.answer(async ({ url, body }, response) => {
      const path = url.split('?')[0] ?? ''
      const question = `${path} ${body.toString()}`
      const answer =
        answers.get(question) ??
        (path.endsWith('/interactions') ? await interaction(aimock, body) : demoAnswer(path, body))
      answers.set(question, answer)
      response.writeHead(answer.status, answer.headers).end(answer.body)
    })
    const setup = {
      provider: provider.url,
      flint: flint.baseUrl,
      flintKey: flint.key,
      providerKey: PROVIDER_KEY,
      oauth: OAUTH,
    }
    // Keys and addresses of the machine's user are not the test's.
    const strange = /^(OPENAI|ANTHROPIC|GOOGLE|GEMINI)_|_proxy$/i
    const env = Object.fromEntries(
      Object.entries(cleanEnvironment()).filter(([name]) => !strange.test(name)),
    )
    python = async (script, given) => {
      const args = [path.join(PROJECT, 'test/support', script), JSON.stringify(given)]
      return (await runProgram(path.join(folder, 'venv/bin/python'), args, env))
        .split('\n')
        .filter(Boolean)
    }
    const lines = (await python('sdk_matrix.py', setup)).map((line) => JSON.parse(line) as Line)
    calls = lines.filter(hasBothKeys)
    keyless = lines.filter((line) => !hasBothKeys(line))
  })
  afterAll(async () => {
    await aimock?.close()
  })

  test('see the answer as they would without Flint: sync and async, plain and as a stream', () => {
    expect(calls.length).toBe(160)
    for (const call of calls) {
      const name = nameOf(call)
      expect.soft(call.direct.error, name).toBeNull()
      expect.soft(call.through, name).toEqual(call.direct)
      expect.soft(JSON.stringify(call.through.value), name).toContain('net-30')
    }
  })

  test('bring the provider exactly one credential, the right one, and nothing of Flint’s', () => {
    // Each call is two: the first directly, the second through Flint.
    expect(provider.received.length).toBe(calls.length * 2)
    for (const [at, call] of calls.entries()) {
      const name = nameOf(call)
      const [direct, through] = provider.received.slice(at * 2)
      expect.soft(credentialsIn(through?.rawHeaders ?? []), name).toEqual([call.credential])
      expectNothingOfFlint(through?.rawHeaders ?? [], name)
      expect
        .soft(JSON.stringify([through?.url, through?.body.toString()]), name)
        .not.toContain('flnt_')
      expect.soft(through?.url, name).toBe(direct?.url)
      expect.soft(through?.body.toString(), name).toBe(direct?.body.toString())
    }
  })

  test('learn which key is missing where the SDK leaves it out', () => {
    expect(keyless.map(({ sdk }) => sdk)).toEqual([
      'anthropic',
      'anthropic',
      'anthropic',
      'anthropic',
    ])
    for (const line of keyless) {
      expect.soft(line.through.error, nameOf(line)).toContain('BadRequestError')
      expect.soft(line.through.error, nameOf(line)).toContain('missing_provider_key')
    }
  })

  test('leave one record each, with the tokens the provider reported', async () => {
    const records = await recordsByClaim(
      flint,
      [...calls, ...keyless].map(({ claim }) => claim),
    )
    expect((await flint.records()).length).toBe(calls.length + keyless.length)
    for (const { claim } of keyless)
      expect
        .soft(records.get(claim))
        .toMatchObject({ status: 400, errorCode: 'missing_provider_key' })
    for (const call of calls) {
      const { sdk, stream, claim } = call
      const tokens = sdk.startsWith('openai')
        ? TOKENS.openai
        : TOKENS[sdk === 'anthropic' ? 'anthropic' : 'google-genai']
      const wanted = {
        status: 200,
        outcome: 'complete',
        keyHint: '...abcd',
        stream,
        usageSource: 'provider',
        ...tokens,
      }
      expect.soft(records.get(claim), nameOf(call)).toMatchObject(wanted)
    }
  })

  test('upload files to Gemini as without Flint, both steps with a record, though the second brings no key', async () => {
    provider.answer(takeUploads(() => provider.url))
    provider.received.length = 0
    const before = (await flint.records()).length
    const setup = {
      provider: provider.url,
      flint: flint.baseUrl,
      flintKey: flint.key,
      providerKey: PROVIDER_KEY,
    }
    const [direct, through] = (await python('sdk_uploads.py', setup)).map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    )
    expect(through).toEqual({ ...direct, through: true })
    expect(direct?.['sync']).toEqual(['files/1', 6_000, 'text/plain'])
    const urls = provider.received.map(({ url }) => url)
    expect(urls).toHaveLength(8)
    expect(urls.slice(4)).toEqual(urls.slice(0, 4))
    for (const { rawHeaders } of provider.received.slice(4)) expectNothingOfFlint(rawHeaders)
    await until(
      'four records more',
      15_000,
      async () => (await flint.records()).length === before + 4,
    )
    const uploads = (await flint.records()).filter(({ endpoint }) =>
      String(endpoint).startsWith('/upload/'),
    )
    expect(uploads.map(({ outcome, keyHint }) => [outcome, keyHint])).toEqual(
      Array(4).fill(['complete', '...abcd']),
    )
  })

  test('hear on a websocket what they would without Flint, with one record each', async () => {
    const sockets = await startFlint({ upstream: aimock.url })
    try {
      aimock.forget()
      const setup = {
        provider: aimock.url,
        flint: sockets.baseUrl,
        flintKey: sockets.key,
        providerKey: PROVIDER_KEY,
      }
      const talks = (await python('sdk_sockets.py', setup)).map(
        (line) => JSON.parse(line) as SocketLine,
      )
      expect(talks.length).toBe(4)
      const records = await recordsByClaim(
        sockets,
        talks.map(({ claim }) => claim),
      )
      for (const [at, { name, claim, direct, through }] of talks.entries()) {
        if (name.startsWith('openai')) expect.soft(JSON.stringify(direct), name).toContain('net-30')
        expect.soft(renumbered(through), name).toEqual(renumbered(direct))
        const provider = name.startsWith('openai') ? 'openai' : 'gemini'
        const arrival = aimock.arrivals[at * 2 + 1]
        const credential: HeaderPair =
          provider === 'openai'
            ? ['authorization', `Bearer ${PROVIDER_KEY}`]
            : ['x-goog-api-key', PROVIDER_KEY]
        expect.soft(credentialsIn(arrival?.rawHeaders ?? []), name).toEqual([credential])
        expectNothingOfFlint(arrival?.rawHeaders ?? [], name)
        expect.soft(records.get(claim), name).toMatchObject({
          provider,
          status: 101,
          stream: true,
          outcome: 'complete',
          keyHint: '...abcd',
        })
      }
      expect((await sockets.records()).length).toBe(talks.length)
    } finally {
      await sockets.stop()
    }
  })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function demoAnswer(path: string, question: Buffer): Answer {
  const { status, headers, body, events } = answerFor(path, question.toString())
  const contentType = events ? 'text/event-stream' : 'application/json'
  return {
    status,
    headers: { 'content-type': contentType, ...headers },
    body: events ? events.join('') : JSON.stringify(body),
  }
}

/** The SDK asks at /v1/interactions, aimock answers at /v1beta/interactions alone. */
async function interaction(aimock: Aimock, question: Buffer): Promise<Answer> {
  const response = await fetch(`${aimock.url}/v1beta/interactions`, {
    method: 'POST',
    body: question,
  })
  const headers = { 'content-type': response.headers.get('content-type') ?? '' }
  return { status: response.status, headers, body: await response.text() }
}
