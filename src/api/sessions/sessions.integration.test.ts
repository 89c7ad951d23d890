import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { Browser, toApi } from '../../../test/support/browser.ts'
import type { Scope } from '../../identity/principal.ts'

let flint: ApiOnStore
beforeAll(async () => {
  flint = await startApiOnStore()
})
afterAll(() => flint?.stop())

const keyWith = async (...scopes: readonly Scope[]) =>
  (await flint.ask('POST', '/v1/keys', { body: { name: scopes.join(' '), scopes } })).body
const signedIn = async (key = flint.ours.key) => {
  const browser = new Browser(toApi(flint.api))
  expect((await browser.signIn(key)).status).toBe(201)
  return browser
}
const events = async (query: string) =>
  (await flint.ask('GET', `/v1/audit/events?${query}`)).body.events
const sessionsSeenWith = async (key: string) =>
  (await flint.ask('GET', '/v1/sessions', { key })).body.sessions
let clients = 0
/** A client of its own, so that its failures are counted apart. */
const address = () => ({ 'x-flint-client-address': `10.0.0.${++clients}` })

describe('signing in', () => {
  test('with a key gives a cookie that no script reads and no provider gets, and the page may ask', async () => {
    const browser = new Browser(toApi(flint.api))
    expect((await browser.state()).body).toEqual({
      ...{ signedIn: false, why: null, endsAt: null, idleEndsAt: null },
      ...{ methods: { key: true, oidc: null }, buildId: null },
    })
    const answer = await browser.signIn(flint.ours.key)
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({ signedIn: true, why: null })
    const cookie = String(answer.headers['set-cookie'])
    expect(cookie).toMatch(
      /^flint_session=[\w-]{43}; Path=\/ui; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    )
    expect((await browser.ask('GET', '/ui/v1/audit')).status).toBe(200)
    const hours = (Date.parse(answer.body.endsAt ?? '') - Date.now()) / 3_600_000
    expect(hours).toBeCloseTo(12, 1)
    const minutes = (Date.parse(answer.body.idleEndsAt ?? '') - Date.now()) / 60_000
    expect(minutes).toBeCloseTo(30, 0)
  })

  test('behind TLS the cookie is sent over https alone', async () => {
    const browser = new Browser(toApi(flint.api), 'flint.example.com')
    const answer = await browser.signIn(flint.ours.key)
    expect(String(answer.headers['set-cookie'])).toMatch(/^__Secure-flint_session=.*; Secure;/)
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000')
    expect((await browser.ask('GET', '/ui/v1/audit')).status).toBe(200)
  })

  test('over a network without TLS is refused, with the way out', async () => {
    const browser = new Browser(toApi(flint.api), '192.168.7.5:8080')
    expect((await browser.state()).body.methods.key).toBe(false)
    const { status, body } = await browser.signIn(flint.ours.key)
    expect([status, body.error?.reason]).toEqual([403, 'insecure_origin'])
    expect(body.error?.message).toContain('dashboard.publicUrl')
  })

  test('is refused to a key that may neither read nor manage, to a wrong one, and both leave an event', async () => {
    const caller = await keyWith('proxy', 'report')
    const browser = new Browser(toApi(flint.api))
    const refused = await browser.signIn(caller.key)
    expect([refused.status, refused.body.error?.reason]).toEqual([403, 'no_scope'])
    expect(refused.body.error?.message).toContain('proxy, report')
    const wrong = await browser.signIn('flnt_live_wrong')
    expect([wrong.status, browser.cookie]).toEqual([401, null])
    await flint.tell()
    expect(await events('action=session.refused')).toMatchObject([
      { actor: caller.id, reason: 'forbidden', via: 'dashboard' },
    ])
  })

  test('fails ten times a minute from one address, then waits; other addresses do not notice', async () => {
    const browser = new Browser(toApi(flint.api))
    const [theirs, ours] = [address(), address()]
    const statuses: number[] = []
    for (let time = 0; time < 11; time++) {
      const body = { key: `flnt_live_guess_${time}` }
      statuses.push((await browser.ask('POST', '/ui/session', { body, headers: theirs })).status)
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429])
    const body = { key: flint.ours.key }
    const good = (headers: Record<string, string>) =>
      new Browser(toApi(flint.api)).ask('POST', '/ui/session', { body, headers })
    expect((await good(theirs)).status).toBe(429)
    expect((await good(ours)).status).toBe(201)
  })

  test('again ends the session before: each has a token of its own', async () => {
    const browser = await signedIn()
    const copy = browser.copy()
    await browser.signIn(flint.ours.key)
    expect(browser.cookie).not.toBe(copy.cookie)
    expect((await copy.ask('GET', '/ui/v1/audit')).status).toBe(401)
    expect((await copy.state()).body).toMatchObject({ signedIn: false, why: 'signed_out' })
    expect((await browser.ask('GET', '/ui/v1/audit')).status).toBe(200)
  })

  test('by a link works once, within ten minutes, and stands for the key it was made for', async () => {
    const reader = await keyWith('read')
    const { org } = flint.ours
    const { token } = await flint.dashboard.admin.makeLink({ org, keyId: reader.id, actor: 'cli' })
    const body = { link: token }
    const browsers = [new Browser(toApi(flint.api)), new Browser(toApi(flint.api))]
    const both = await Promise.all(
      browsers.map((browser) => browser.ask('POST', '/ui/session', { body })),
    )
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 401])
    const late = await new Browser(toApi(flint.api)).ask('POST', '/ui/session', { body })
    expect([late.status, late.body.error?.reason]).toEqual([401, 'link_over'])
    const winner = browsers.find(({ cookie }) => cookie !== null)
    const me = await winner?.ask('GET', '/ui/v1/me')
    expect(me?.body).toMatchObject({ keyId: reader.id, role: 'viewer' })
    expect(await events('action=session.link_made')).toMatchObject([
      { actor: 'cli', via: 'cli', new: { keyId: reader.id } },
    ])
  })
})

describe('a session', () => {
  test('holds no key: it narrows with its key and ends when that is revoked', async () => {
    const reader = await keyWith('read')
    const browser = await signedIn(reader.key)
    expect((await browser.ask('GET', '/ui/v1/keys')).status).toBe(403)
    await flint.ask('DELETE', `/v1/keys/${reader.id}`)
    const refused = await browser.ask('GET', '/ui/v1/audit')
    expect([refused.status, refused.body.error]).toMatchObject([
      401,
      { code: 'not_signed_in', reason: 'revoked' },
    ])
    expect(refused.headers['www-authenticate']).toBeUndefined()
    expect((await browser.state()).body.why).toBe('revoked')
  })

  test('that is signed out is over for every copy of its cookie', async () => {
    const browser = await signedIn()
    const copy = browser.copy()
    expect((await browser.ask('DELETE', '/ui/session')).status).toBe(204)
    expect(browser.cookie).toBeNull()
    expect((await copy.ask('GET', '/ui/v1/audit')).status).toBe(401)
    expect((await copy.state()).body.why).toBe('signed_out')
    const [ended, started] = await events('limit=2')
    expect([started?.action, ended?.action]).toEqual(['session.started', 'session.ended'])
    expect(ended).toMatchObject({
      via: 'dashboard',
      sessionId: started?.subject,
      actor: flint.ours.id,
    })
  })

  test('that no one knows loses its cookie', async () => {
    const browser = new Browser(toApi(flint.api))
    browser.cookie = `flint_session=${'x'.repeat(43)}`
    const { status, body } = await browser.ask('GET', '/ui/v1/audit')
    expect([status, body.error?.code, browser.cookie]).toEqual([401, 'not_signed_in', null])
  })

  test('is named by what is done in it', async () => {
    const browser = await signedIn()
    await browser.ask('PATCH', '/ui/v1/settings', {
      body: { retentionDays: 77, reason: 'ticket 9' },
    })
    const [changed] = await events('action=settings.changed')
    const [started] = await events('action=session.started')
    expect(changed).toMatchObject({
      ...{ actor: flint.ours.id, actorKind: 'key', via: 'dashboard', reason: 'ticket 9' },
      sessionId: started?.subject,
    })
    const { body } = await browser.ask('GET', '/ui/v1/me')
    expect(body).toMatchObject({
      ...{ keyId: flint.ours.id, role: 'admin' },
      sessionEndsAt: (await browser.state()).body.endsAt,
    })
  })

  test('is nothing at the door of keys, and a key is nothing at its own', async () => {
    const browser = await signedIn()
    expect((await browser.ask('GET', '/v1/audit')).status).toBe(401)
    const withKey = { headers: { authorization: `Bearer ${flint.ours.key}` } }
    expect((await new Browser(toApi(flint.api)).ask('GET', '/ui/v1/audit', withKey)).status).toBe(
      401,
    )
    for (const path of ['/ui/v1/orgs', '/ui/v1/audit/report', '/ui/v1/proxy/openai/v1/models'])
      expect([path, (await browser.ask('GET', path)).status]).toEqual([path, 404])
  })

  test('is listed to its own key, to auditors and administrators; these end it', async () => {
    const reader = await keyWith('read')
    const other = await keyWith('read')
    const auditor = await keyWith('read', 'events')
    const browser = await signedIn(reader.key)
    const mine = await browser.ask<{ sessions: { id: string }[] }>('GET', '/ui/v1/sessions')
    expect(mine.body.sessions).toMatchObject([{ keyId: reader.id, isOwn: true, isCurrent: true }])
    const id = mine.body.sessions[0]?.id ?? ''
    expect(await sessionsSeenWith(reader.key)).toMatchObject([{ id, isCurrent: false }])
    expect(await sessionsSeenWith(other.key)).toEqual([])
    expect(await sessionsSeenWith(flint.theirs.key)).toEqual([])
    const seen = await sessionsSeenWith(auditor.key)
    expect(seen.map((session) => session.id)).toContain(id)
    const end = async (key: string) =>
      (await flint.ask('DELETE', `/v1/sessions/${id}`, { key })).status
    expect([await end(other.key), await end(flint.theirs.key)]).toEqual([404, 404])
    expect([await end(auditor.key), await end(flint.ours.key)]).toEqual([403, 204])
    expect((await browser.ask('GET', '/ui/v1/audit')).status).toBe(401)
    expect(await end(flint.ours.key)).toBe(404)
  })
})

describe('a request from elsewhere', () => {
  test('is refused where it would change something, whatever the cookie', async () => {
    const browser = await signedIn()
    const change = (headers: Record<string, string>) =>
      browser.ask('PATCH', '/ui/v1/settings', { body: { promptCapture: true }, headers })
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
    ]) {
      const { status, body } = await change(headers)
      expect([headers, status, body.error?.reason]).toEqual([headers, 403, 'cross_site'])
    }
    expect((await flint.ask('GET', '/v1/settings')).body.promptCapture).toBe(false)
  })

  test('of an older browser is known by its origin', async () => {
    const send = async (headers: Record<string, string>) =>
      (
        await flint.api.inject({
          ...{ method: 'DELETE', url: '/ui/session' },
          headers: { host: 'localhost:8080', 'content-type': 'application/json', ...headers },
        })
      ).statusCode
    const ui = { 'x-flint-ui': '1' }
    expect(await send({ ...ui, origin: 'http://localhost:8080' })).toBe(204)
    expect(await send({ origin: 'http://localhost:8080' })).toBe(403)
    expect(await send({ ...ui, origin: 'http://localhost:8081' })).toBe(403)
    expect(await send({ ...ui, origin: 'null' })).toBe(403)
    expect(await send(ui)).toBe(403)
  })

  test('under a name that only points here is answered nothing', async () => {
    const browser = await signedIn()
    for (const host of ['evil.example', 'localhost.evil.example', 'flint.example.com.evil']) {
      const { status } = await browser.ask('GET', '/ui/v1/audit', { headers: { host } })
      expect([host, status]).toEqual([host, 421])
    }
    const page = await browser.ask('GET', '/ui/', { headers: { host: 'evil.example' } })
    expect([page.status, page.body.error?.code]).toEqual([421, 'misdirected'])
  })
})
