import { describe, expect, test } from 'vitest'
import { Browser, toOrigin } from './support/browser.ts'
import { leaksOf, saidByFlint } from './support/everything-written.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { chatCompletion, startScriptedProvider } from './support/scripted-provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))

interface MadeKey {
  readonly key: string
  readonly id: string
}

const browser = () => new Browser(toOrigin(flint.baseUrl), new URL(flint.baseUrl).host)
async function signedIn(key = flint.key): Promise<Browser> {
  const made = browser()
  expect((await made.signIn(key)).status).toBe(201)
  return made
}
const keyWith = async (name: string, scopes: string): Promise<MadeKey> =>
  JSON.parse(await flint.cli('keys', 'create', '--name', name, '--scopes', scopes, '--json'))
/** With a key that was made a moment ago by another process. */
async function signedInSoon(key: string): Promise<Browser> {
  const headers = { authorization: `Bearer ${key}` }
  const isKnown = async () => (await fetch(`${flint.baseUrl}/v1/me`, { headers })).ok
  await until('the key', 10_000, isKnown)
  return signedIn(key)
}
const status = async (who: Browser, url = '/ui/v1/audit') => (await who.ask('GET', url)).status
const chat = (headers: Record<string, string> = {}) => {
  provider.answer((_request, response) => void response.end(chatCompletion('hello')))
  return rawCall(`${flint.baseUrl}/v1/proxy/openai/chat/completions`, {
    headers: {
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': PROVIDER_KEY,
      'content-type': 'application/json',
      ...headers,
    },
    body: '{"model":"gpt-4o","messages":[]}',
  })
}

describe('signing in through Envoy', () => {
  test('the start says where the dashboard is, and `flint dashboard` prints a link that works once', async () => {
    expect(flint.output()).toContain(`${flint.baseUrl}/ui/`)
    const printed = await flint.cli('dashboard')
    const [url = ''] = printed.split('\n')
    expect(url).toMatch(new RegExp(`^${flint.baseUrl}/ui/signin#[\\w-]{43}$`))
    const body = { link: new URL(url).hash.slice(1) }
    const person = browser()
    expect((await person.ask('POST', '/ui/session', { body })).status).toBe(201)
    expect(await status(person)).toBe(200)
    expect((await browser().ask('POST', '/ui/session', { body })).status).toBe(401)
    await expect(flint.cli('dashboard', '--key', 'key_none')).rejects.toThrow('no active key')
  })
})

describe('a session', () => {
  test('ends at the next request after its key was revoked on the command line', async () => {
    const { key, id } = await keyWith('leaving', 'read')
    const person = await signedInSoon(key)
    expect(await status(person)).toBe(200)
    await flint.cli('keys', 'revoke', id)
    const revokedAtMs = Date.now()
    await until('the end', 10_000, async () => (await status(person)) === 401)
    expect(Date.now() - revokedAtMs).toBeLessThan(5_000)
    expect((await person.state()).body).toMatchObject({ signedIn: false, why: 'revoked' })
  })

  test('that is signed out is over for a copy of its cookie', async () => {
    const person = await signedIn()
    const copy = person.copy()
    expect((await person.ask('DELETE', '/ui/session')).status).toBe(204)
    expect(await status(copy)).toBe(401)
    expect((await copy.state()).body.why).toBe('signed_out')
  })

  test('goes on while ClickHouse is stopped and the API is started again meanwhile', async () => {
    const person = await signedIn()
    const other = await signedIn()
    await other.ask('DELETE', '/ui/session')
    const clickhouse = flint.pid('clickhouse')
    const api = flint.pid('api')
    process.kill(clickhouse, 'SIGSTOP')
    try {
      process.kill(api, 'SIGKILL')
      await until('another API', 60_000, async () => {
        const { status, body } = await person.state().catch(() => ({ status: 0, body: null }))
        return status === 200 && body?.signedIn === true && flint.pid('api') !== api
      })
      expect((await other.state()).body.signedIn).toBe(false)
    } finally {
      process.kill(clickhouse, 'SIGCONT')
    }
    await until('the store', 30_000, async () => (await status(person)) === 200)
  })
})

describe('a request from elsewhere', () => {
  test('changes nothing: a form, a fetch and a frame of another site', async () => {
    const person = await signedIn()
    const elsewhere: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' },
    ]
    for (const headers of elsewhere) {
      const answer = await person.ask('PATCH', '/ui/v1/settings', {
        ...{ body: { promptCapture: true }, headers },
      })
      expect([headers, answer.status, answer.body.error?.reason]).toEqual([
        ...[headers, 403, 'cross_site'],
      ])
    }
    const page = await person.ask('GET', '/ui/')
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    const preflight = await rawCall(`${flint.baseUrl}/ui/v1/settings`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'PATCH' },
    })
    expect(preflight.header('access-control-allow-origin')).toBeUndefined()
    const { body } = await person.ask<{ promptCapture: boolean }>('GET', '/ui/v1/settings')
    expect(body.promptCapture).toBe(false)
  })

  test('under a name that only points here is answered nothing', async () => {
    const person = await signedIn()
    const rebound = { headers: { host: 'rebound.example:8080' } }
    for (const url of ['/ui/', '/ui/session', '/ui/v1/audit']) {
      const { status, body } = await person.ask('GET', url, rebound)
      expect([url, status, body.error?.code]).toEqual([url, 421, 'misdirected'])
    }
  })

  test('through another spelling of the path finds no door without the checks', async () => {
    const person = await signedIn()
    const foreign = { 'sec-fetch-site': 'cross-site' }
    for (const url of [
      '/%75i/v1/settings',
      '/ui/%761/settings',
      '/ui//v1/settings',
      '/UI/v1/settings',
    ]) {
      const { status } = await person.ask('PATCH', url, {
        ...{ body: { promptCapture: true }, headers: foreign },
      })
      expect([url, [403, 404].includes(status)]).toEqual([url, true])
    }
  })

  test('for a provider is a call only where a program makes it, not a page, a frame or a script', async () => {
    expect((await chat()).status).toBe(200)
    expect((await chat({ 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' })).status).toBe(200)
    const before = provider.received.length
    for (const dest of [
      ...['document', 'iframe', 'frame', 'embed', 'object', 'script', 'style', 'xslt'],
      ...['worker', 'sharedworker', 'serviceworker', 'Document'],
    ]) {
      const refused = await chat({ 'sec-fetch-dest': dest })
      expect([dest, refused.status]).toEqual([dest, 403])
      expect(refused.header('content-type')).toBe('application/json')
      expect(JSON.parse(refused.body.toString())).toMatchObject({
        error: { code: 'forbidden', reason: 'page_request', type: 'flint_error' },
      })
    }
    expect(provider.received).toHaveLength(before)
    const counted = async () => (await flint.metrics()).get('flint_observer_page_requests_total')
    await until('the counter', 10_000, async () => (await counted()) === 12)
  })
})

describe('what is secret', () => {
  test('of a session, a link and a key typed in stands nowhere on disk, in ClickHouse or in logs', async () => {
    const { key } = await keyWith('typed in', 'read')
    const person = await signedInSoon(key)
    await person.ask('GET', '/ui/v1/audit?limit=1')
    const link = new URL((await flint.cli('dashboard')).split('\n')[0] ?? '').hash.slice(1)
    const other = browser()
    expect((await other.ask('POST', '/ui/session', { body: { link } })).status).toBe(201)
    const tokens = [person, other].map(({ cookie }) => cookie?.split('=')[1] ?? 'none')
    expect(tokens).toEqual([expect.stringMatching(/^.{43}$/), expect.stringMatching(/^.{43}$/)])
    await person.ask('DELETE', '/ui/session')
    await flint.settled(1)
    const { leaks, searched } = leaksOf(
      ...([[key, link, ...tokens], [flint.dataDir]] as const),
      await saidByFlint(flint),
    )
    expect(leaks).toEqual([])
    expect(searched).toBeGreaterThan(20)
  })
})

// After it there are two organisations, and commands want to know which one is meant.
test('a session shows nothing of another organisation', async () => {
  expect((await chat()).status).toBe(200)
  const [record] = await flint.settled(1)
  const made = JSON.parse(await flint.cli('orgs', 'create', '--name', 'Others', '--json')) as {
    readonly key: MadeKey
  }
  const ours = await signedIn()
  const theirs = await signedInSoon(made.key.key)
  for (const url of [
    `/ui/v1/audit/${record?.requestId}`,
    `/ui/v1/audit/${record?.requestId}/evidence`,
    `/ui/v1/audit/prompt/${record?.requestId}`,
  ])
    expect([url, await status(theirs, url)]).toEqual([url, 404])
  expect(await status(ours, `/ui/v1/audit/${record?.requestId}`)).toBe(200)
  const list = async (who: Browser, url: string) =>
    (await who.ask<Record<string, readonly { readonly id: string }[]>>('GET', url)).body
  expect((await list(theirs, '/ui/v1/audit'))['records']).toEqual([])
  expect((await list(theirs, '/ui/v1/keys'))['keys']).toHaveLength(1)
  expect((await list(theirs, '/ui/v1/sessions'))['sessions']).toHaveLength(1)
  const [session] = (await list(ours, '/ui/v1/sessions'))['sessions'] ?? []
  const ended = await theirs.ask('DELETE', `/ui/v1/sessions/${session?.id}`)
  expect(ended.status).toBe(404)
})

// The last: no one signs in from this address for a minute after it.
test('guesses of one address are stopped after ten, whatever they call themselves', async () => {
  const statuses: number[] = []
  for (let time = 0; time < 11; time++) {
    const body = { key: `flnt_live_guess_${time}` }
    const headers = { 'x-flint-client-address': `10.0.0.${time}` }
    statuses.push((await browser().ask('POST', '/ui/session', { body, headers })).status)
  }
  expect([statuses[0], statuses.at(-1)]).toEqual([401, 429])
})
