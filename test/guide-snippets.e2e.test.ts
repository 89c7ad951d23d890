import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { beforeAll, describe, expect, test } from 'vitest'
import { startDemoProvider } from '../src/demo/demo-provider.ts'
import { cleanEnvironment, type ListedRecord, PROJECT, runProgram } from './support/flint.ts'
import {
  curlsIn,
  GUIDE_HOST,
  type Guide,
  guideAvailable,
  modulesIn,
  readGuide,
  rowsIn,
} from './support/guide.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const PROVIDER_KEY = 'sk-guide-0123456789k3f2'

const curlAvailable = spawnSync('curl', ['--version']).status === 0
if (!curlAvailable) console.warn('no curl on PATH: the curl commands of the guide are not run')

interface Page {
  readonly records: ListedRecord[]
  readonly nextCursor: string | null
  readonly count: number
}

const run = (command: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
  runProgram(command, args, { ...cleanEnvironment(), ...env })

describe.skipIf(!guideAvailable)('the users’ guide, with our host name', () => {
  let guide: Guide
  const provider = useServer(() => startDemoProvider({ eventDelayMs: 0 }))
  const flint = useFlint(() => ({ upstream: provider.upstream }))
  beforeAll(async () => {
    guide = readGuide()
  })

  /**
   * An import is resolved from the file's own place, so the file lies inside the project, where git
   * does not look.
   */
  async function runModule(module: string, env: Readonly<Record<string, string>>): Promise<void> {
    const file = path.join(temporaryDirectory(path.join(PROJECT, 'dist')), 'module.mjs')
    fs.writeFileSync(file, onOurHost(module))
    await run(process.execPath, [file], {
      OPENAI_API_KEY: PROVIDER_KEY,
      FLINT_API_KEY: flint.key,
      ...env,
    })
  }

  const onOurHost = (text: string) => text.replaceAll(GUIDE_HOST, flint.baseUrl)

  test('has no code block that is not run here', () => {
    const runHere = [
      ...modulesIn(guide.section('2. Change one line in your SDK')),
      ...modulesIn(guide.section('Client-side mode')),
      ...curlsIn(guide.section('Prompt capture')),
      ...curlsIn(guide.section('Querying your audit log')),
    ]
    expect(runHere.length).toBe(6)
    expect(guide.runnable.filter((block) => !runHere.includes(block))).toEqual([])
  })

  test('sets up the OpenAI SDK: the module runs as it stands and leaves a record with every field of the response table', async () => {
    const [module] = modulesIn(guide.section('2. Change one line in your SDK'))
    if (module === undefined) throw new Error('the guide sets up no SDK any more')
    const startedAt = Date.now()
    await runModule(module, {})
    const [record] = await flint.settled(1, { model: 'gpt-4o' })
    if (!record) throw new Error('no record')
    const seen: Readonly<Record<string, unknown>> = { ...record }

    const example = JSON.parse(guide.section('Response')) as {
      records: Array<Record<string, unknown>>
    }
    const fields = Object.entries(example.records[0] ?? {})
    expect(fields.length).toBeGreaterThan(10)
    for (const [field, value] of fields) expect(typeof seen[field], field).toBe(typeof value)
    // Every row of "What's captured" that needs no prompt capture is one of these fields.
    const captured = rowsIn(guide.section("What's captured"), /^[a-z][A-Za-z]+ .*$/).map(
      ([row]) => row,
    )
    for (const row of captured.filter((text) => !text.includes('(prompt capture)')))
      expect(
        fields.some(([field]) => row.startsWith(field)),
        row,
      ).toBe(true)

    expect(seen).toMatchObject({
      provider: 'openai',
      model: 'gpt-4o',
      endpoint: '/v1/chat/completions',
      status: 200,
      keyHint: '...k3f2',
      inputTokens: 24,
      outputTokens: 12,
      totalTokens: 36,
    })
    expect(record.requestId).not.toBe('')
    expect(record.costUsd).toBeGreaterThan(0)
    expect(record.latencyMs).toBeGreaterThanOrEqual(0)
    expect(record.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Date.parse(record.createdAt)).toBeGreaterThanOrEqual(startedAt)
    expect(Date.parse(record.createdAt)).toBeLessThanOrEqual(Date.now())
  })

  test('reports a call that was made directly: the client-side module as it stands, and its record beside the others', async () => {
    const [module] = modulesIn(guide.section('Client-side mode'))
    if (module === undefined) throw new Error('the guide has no client-side mode any more')
    // The module only defines the function: it is called once, and the SDK finds the provider by
    // its own variable.
    await runModule(
      `${module}\nawait chat([{ role: 'user', content: 'Summarise this contract in 3 bullets.' }]);\n`,
      {
        OPENAI_BASE_URL: `${provider.upstream}/v1`,
      },
    )
    await until('the reported record', 15_000, async () =>
      (await flint.records()).some((record) => record.source === 'client'),
    )
    const reported = (await flint.records()).filter((record) => record.source === 'client')
    expect(reported).toHaveLength(1)
    expect(reported[0]).toMatchObject({
      provider: 'openai',
      model: 'gpt-4o',
      endpoint: '/v1/chat/completions',
      status: 200,
      outcome: 'complete',
      inputTokens: 24,
      outputTokens: 12,
      totalTokens: 36,
      costUsd: 0.00017,
      keyHint: null,
    })
    expect(reported[0]?.latencyMs).toBeGreaterThanOrEqual(0)
  })

  test.each([0, 1, 2, 3])(
    'names base URL %i of its table as `flint up` prints it, and an SDK set to it is answered and recorded',
    async (at) => {
      const rows = rowsIn(guide.section('Proxy base URLs'), /^(.+?)(https:\/\/\S+)$/)
      expect(rows.length).toBe(4)
      const [, label = '', url = ''] = rows[at] ?? []
      const baseURL = onOurHost(url)
      expect(baseURL).not.toBe(url)
      const printed = flint
        .output()
        .split('\n')
        .map((line) => line.trim().split(/\s{2,}| → /))
      expect(printed.filter(([name]) => name === label).map(([, address]) => address)).toEqual([
        baseURL,
      ])

      const headers = {
        Authorization: `Bearer ${flint.key}`,
        'x-provider-key': PROVIDER_KEY,
        'x-flint-request-id': label,
      }
      const messages = [{ role: 'user' as const, content: 'Summarise this contract in 3 bullets.' }]
      const openai = (model: string) =>
        new OpenAI({
          apiKey: PROVIDER_KEY,
          baseURL,
          defaultHeaders: headers,
          maxRetries: 0,
        }).chat.completions.create({ model, messages })
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        OpenAI: () => openai('gpt-4o-mini'),
        Anthropic: () =>
          new Anthropic({
            apiKey: PROVIDER_KEY,
            baseURL,
            defaultHeaders: headers,
            maxRetries: 0,
          }).messages.create({
            model: 'claude-haiku-4-5',
            max_tokens: 64,
            messages,
          }),
        'Gemini (GenAI SDK)': () =>
          new GoogleGenAI({
            apiKey: PROVIDER_KEY,
            httpOptions: { baseUrl: baseURL, headers },
          }).models.generateContent({
            model: 'gemini-2.5-flash',
            contents: 'hello',
          }),
        'Gemini (OpenAI SDK)': () => openai('gemini-2.5-flash'),
      }
      const call = calls[label]
      if (!call) throw new Error(`the guide names a provider this test does not know: ${label}`)
      await call()
      const named = async () =>
        (await flint.records()).filter(({ claimedRequestId }) => claimedRequestId === label)
      await expect.poll(async () => (await named()).length, { timeout: 10_000 }).toBe(1)
      expect((await named())[0]).toMatchObject({
        provider: label.split(' ')[0]?.toLowerCase(),
        status: 200,
        outcome: 'complete',
        keyHint: '...k3f2',
      })
    },
  )

  describe.skipIf(!curlAvailable)('queries the audit log with curl', () => {
    let curlHome: string
    beforeAll(async () => {
      // curl takes its switches from here, so that the commands stay as the guide has them.
      curlHome = temporaryDirectory()
      fs.writeFileSync(
        path.join(curlHome, '.curlrc'),
        'silent\nshow-error\nnoproxy = "*"\nwrite-out = "\\n%{http_code}"\n',
      )
      const headers = {
        Authorization: `Bearer ${flint.key}`,
        'x-provider-key': PROVIDER_KEY,
        'x-flint-tag-for': 'paging',
      }
      const openai = new OpenAI({
        apiKey: PROVIDER_KEY,
        baseURL: `${flint.baseUrl}/v1/proxy/openai`,
        defaultHeaders: headers,
      })
      for (let made = 0; made < 3; made += 1)
        await openai.chat.completions.create({
          model: 'gpt-4o',
          messages: [{ role: 'user', content: 'hello' }],
        })
      await until(
        'records of the calls made for paging',
        10_000,
        async () =>
          (await flint.records()).filter(({ tags }) => tags.for === 'paging').length === 3,
      )
    })

    async function curl<Body>(command: string): Promise<{ status: string; body: Body }> {
      const printed = await run('bash', ['-c', onOurHost(command)], {
        FLINT_API_KEY: flint.key,
        CURL_HOME: curlHome,
      })
      const split = printed.lastIndexOf('\n')
      return { status: printed.slice(split + 1), body: JSON.parse(printed.slice(0, split)) as Body }
    }

    async function runCurl(command: string): Promise<Page> {
      const { status, body: page } = await curl<Page>(command)
      expect(status, JSON.stringify(page)).toBe('200')
      // The guide's three, and what the list says beyond the guide.
      expect(Object.keys(page).sort()).toEqual([
        'count',
        'nextCursor',
        'prevCursor',
        'range',
        'records',
      ])
      expect(page.count).toBe(page.records.length)
      expect(page.nextCursor === null || typeof page.nextCursor === 'string').toBe(true)
      return page
    }

    function commandWith(parameter: string): string {
      const found = curlsIn(guide.section('Querying your audit log')).filter((command) =>
        command.includes(`${parameter}=`),
      )
      if (found[0] === undefined || found.length > 1)
        throw new Error(`the guide has ${found.length} commands with ${parameter}`)
      return found[0]
    }

    test('all calls in May 2025: a page of the usual shape, empty here', async () => {
      expect(await runCurl(commandWith('from'))).toMatchObject({
        records: [],
        nextCursor: null,
        count: 0,
      })
    })

    test('only OpenAI calls, newest 50', async () => {
      const { records } = await runCurl(commandWith('provider'))
      expect(records.length).toBeGreaterThanOrEqual(3)
      expect(records.length).toBeLessThanOrEqual(50)
      expect([...new Set(records.map(({ provider }) => provider))]).toEqual(['openai'])
      const times = records.map(({ createdAt }) => createdAt)
      expect(times).toEqual([...times].sort().reverse())
    })

    test('the next page, by its cursor alone', async () => {
      const all = await flint.records()
      const response = await fetch(`${flint.baseUrl}/v1/audit?limit=1`, {
        headers: { authorization: `Bearer ${flint.key}` },
      })
      const { records, nextCursor } = (await response.json()) as Page
      expect(records.map(({ requestId }) => requestId)).toEqual([all[0]?.requestId])
      // `eyJwayI6...` in the guide stands for the nextCursor of a page one has; nothing else is
      // replaced.
      const command = commandWith('cursor')
      expect(command).toContain('eyJwayI6...')
      const next = await runCurl(command.replace('eyJwayI6...', nextCursor ?? ''))
      expect(next.records[0]?.requestId).toBe(all[1]?.requestId)
    })

    test('the full prompt and completion of one request, once prompt capture is on; each capture row of its table is a field then', async () => {
      await fetch(`${flint.baseUrl}/v1/settings`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${flint.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ promptCapture: true }),
      })
      const [module = ''] = modulesIn(guide.section('2. Change one line in your SDK'))
      let record: ListedRecord | undefined
      // "Allow up to 60 seconds": until then the module's calls are recorded without their prompt.
      await until('a record with its prompt', 60_000, async () => {
        await runModule(module, {})
        record = (await flint.records({ model: 'gpt-4o', limit: '5' })).find(
          ({ promptS3Key }) => promptS3Key !== null,
        )
        return record !== undefined
      })
      const seen: Readonly<Record<string, unknown>> = { ...record }
      const rows = rowsIn(
        guide.section("What's captured"),
        /^([a-z][A-Za-z0-9]+)\(prompt capture\)/,
      ).map(([, field = '']) => field)
      expect(rows).toEqual(['promptPreview', 'promptHash', 'completionPreview', 'promptS3Key'])
      for (const field of rows) expect(seen[field], field).toEqual(expect.any(String))
      const prompt = 'Summarise this contract in 3 bullets.'
      expect(seen).toMatchObject({
        promptPreview: prompt,
        promptHash: createHash('sha256').update(prompt).digest('hex'),
      })

      const [command = ''] = curlsIn(guide.section('Prompt capture'))
      expect(command).toContain('<requestId>')
      const asked = command.replace('<requestId>', record?.requestId ?? '')
      await until(
        'the prompt in the store',
        10_000,
        async () => (await curl(asked)).status === '200',
      )
      const { body } = await curl<Record<string, unknown>>(asked)
      const example = JSON.parse(
        guide.section('Prompt capture').match(/^\{\n[^}]*^\}/m)?.[0] ?? '{}',
      ) as Record<string, unknown>
      expect(Object.keys(example).length).toBe(4)
      expect(Object.keys(body)).toEqual(Object.keys(example))
      expect(body).toMatchObject({
        prompt,
        completion: seen['completionPreview'],
        provider: 'openai',
        model: 'gpt-4o',
      })
    })

    test('every filter of the table of parameters', async () => {
      const command = commandWith('provider')
      const names = rowsIn(
        guide.section('Filter parameters'),
        /^(from|to|provider|model|limit|cursor)(ISO|string|number|Model|Pagination)/,
      ).map(([, name]) => name)
      expect(names).toEqual(['from', 'to', 'provider', 'model', 'limit', 'cursor'])
      const day = (await flint.records())[0]?.createdAt.slice(0, 10)
      const withQuery = (query: string) =>
        runCurl(command.replace('provider=openai&limit=50', query))
      expect((await withQuery(`from=${day}&to=${day}&model=gpt-4o&limit=2`)).count).toBe(2)
      expect((await withQuery('model=gpt-4')).count).toBe(0)
      expect((await withQuery(`to=2025-05-31`)).count).toBe(0)
      expect((await withQuery('limit=500')).count).toBe((await flint.records()).length)
    })
  })
})

describe.skipIf(!guideAvailable)('the guide’s error table', () => {
  let guide: Guide
  // No provider listens there: it cannot be reached.
  const flint = useFlint(() => ({ upstream: 'http://127.0.0.1:9' }))
  beforeAll(() => {
    guide = readGuide()
  })

  test('holds: each code comes with its status, as JSON', async () => {
    const table = rowsIn(guide.section('Error reference'), /^([a-z]+(?:_[a-z]+)+)(\d{3})(.+)$/).map(
      ([, code = '', status]) => [code, Number(status)] as const,
    )
    expect(table.map(([code]) => code)).toEqual([
      'unknown_provider',
      'missing_provider_key',
      'upstream_error',
    ])
    const bearer = { authorization: `Bearer ${flint.key}` }
    const chat = '/v1/proxy/openai/chat/completions'
    const provoke: Readonly<
      Record<string, { readonly path: string; readonly headers: Record<string, string> }>
    > = {
      unknown_provider: {
        path: '/v1/proxy/mistral/v1/chat/completions',
        headers: { ...bearer, 'x-provider-key': PROVIDER_KEY },
      },
      missing_provider_key: { path: chat, headers: bearer },
      upstream_error: { path: chat, headers: { ...bearer, 'x-provider-key': PROVIDER_KEY } },
    }
    for (const [code, status] of table) {
      const { path: address, headers } = provoke[code] ?? { path: '', headers: {} }
      const response = await fetch(flint.baseUrl + address, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"model":"gpt-4o","messages":[]}',
      })
      expect(response.status, code).toBe(status)
      expect(response.headers.get('content-type'), code).toBe('application/json')
      expect(await response.json(), code).toMatchObject({
        error: { code, message: expect.any(String), type: 'flint_error' },
      })
    }
  })
})
