import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { Browser, toApi } from '../../../test/support/browser.ts'
import {
  startIdentityProvider,
  type TestIdentityProvider,
} from '../../../test/support/identity-provider.ts'
import { PersonAtProvider } from '../../../test/support/person-at-provider.ts'

const PEOPLE = {
  vera: { email: 'vera@corp.example', email_verified: true, groups: ['staff'] },
  pia: { email: 'pia@corp.example', groups: ['staff', 'readers'] },
  anton: { name: 'Anton', groups: ['audit'] },
  nora: { groups: ['choir', '<b>guests</b>'] },
}
const ROLES = { staff: ['viewer'], readers: ['promptReader'], audit: ['auditor'] } as const

let provider: TestIdentityProvider
let flint: ApiOnStore
/** Of which the last is of the fault that a test provoked. */
const faults: unknown[] = []
const settingsAt = (issuer: string, org: string) => ({
  ...{ issuer, org, clientId: provider.clientId, clientSecret: provider.clientSecret },
  ...{ name: 'Corp', scope: 'openid profile email', roleClaim: 'groups' },
  roles: { staff: [...ROLES.staff], readers: [...ROLES.readers], audit: [...ROLES.audit] },
})
const flintWith = (issuer: string) =>
  startApiOnStore({
    oidc: (org) => ({
      settings: settingsAt(issuer, org),
      timeoutSeconds: 1,
      onFault: (error) => faults.push(error),
    }),
  })

beforeAll(async () => {
  provider = await startIdentityProvider({
    people: PEOPLE,
    redirectUris: ['http://localhost:8080/ui/oidc/callback'],
    signedOutUris: ['http://localhost:8080/ui/signin'],
  })
  flint = await flintWith(provider.issuer)
})
afterAll(async () => {
  await flint?.stop()
  await provider?.close()
})

const person = (subject: keyof typeof PEOPLE | null) =>
  new PersonAtProvider(flint.api, provider, subject)
const events = async (query: string) =>
  (await flint.ask('GET', `/v1/audit/events?${query}`)).body.events
const me = async (browser: Browser) =>
  (await browser.ask<{ user: unknown }>('GET', '/ui/v1/me')).body

describe('signing in by OpenID Connect', () => {
  test.each([
    ['vera', 'viewer', ['read']],
    ['pia', 'prompt_reader', ['read', 'prompts']],
    ['anton', 'auditor', ['read', 'events']],
  ] as const)('gives %s the role %s', async (subject, role, scopes) => {
    const { browser, answer } = await person(subject).signIn()
    expect(answer.status).toBe(200)
    const user = { id: `${provider.issuer}#${subject}`, issuer: provider.issuer, subject }
    expect(await me(browser)).toMatchObject({ keyId: null, role, scopes: [...scopes], user })
    expect((await browser.ask('GET', '/ui/v1/audit')).status).toBe(200)
    const seesEvents = (await browser.ask('GET', '/ui/v1/audit/events')).status === 200
    expect(seesEvents).toBe(role === 'auditor')
  })

  test('keeps the link that one came by, sets the Strict cookie and goes on without a redirect', async () => {
    const vera = person('vera')
    const { answer } = await vera.signIn('/ui/audit?outcome=!complete&last=1h')
    expect(answer.text).toContain(
      '<meta http-equiv="refresh" content="0;url=/ui/audit?outcome=!complete&amp;last=1h">',
    )
    expect(answer.headers['cache-control']).toBe('no-store')
    const cookies = [answer.headers['set-cookie']].flat().map(String)
    expect(cookies).toContainEqual(expect.stringMatching(/^flint_session=.*SameSite=Strict$/))
    expect(cookies).toContainEqual(
      expect.stringMatching(/^flint_oidc=; .*Expires=Thu, 01 Jan 1970/),
    )
    expect(answer.text).not.toContain('evil')
    const elsewhere = await person('vera').signIn('https://evil.example/ui/')
    expect(elsewhere.answer.text).toContain('content="0;url=/ui/"')
  })

  test('is shown on the sign-in page, and what it keeps meanwhile is Lax and short', async () => {
    const browser = new Browser(toApi(flint.api))
    expect((await browser.state()).body.methods).toEqual({ key: true, oidc: { name: 'Corp' } })
    const { headers, status } = await browser.ask('GET', '/ui/oidc/login')
    expect([status, String(headers['set-cookie'])]).toEqual([
      303,
      expect.stringMatching(
        /^flint_oidc=[^;]+; Max-Age=600; Path=\/ui\/oidc; HttpOnly; SameSite=Lax$/,
      ),
    ])
    expect(String(headers['location'])).toMatch(/code_challenge_method=S256/)
  })

  test('leaves an event that names issuer and subject, and says what no one vouches for', async () => {
    const { browser } = await person('pia').signIn()
    const actor = `${provider.issuer}#pia`
    const [started] = await events(`action=session.started&actor=${encodeURIComponent(actor)}`)
    expect(started).toMatchObject({
      ...{ actor, actorKind: 'user', actorName: 'pia@corp.example (unverified)' },
      ...{ via: 'dashboard', new: { by: 'oidc', user: { roleValues: ['staff', 'readers'] } } },
    })
    await browser.ask('POST', '/ui/v1/views', { body: { name: 'mine', query: 'last=1h' } })
    expect(await events('action=view.changed')).toMatchObject([{ actor, actorKind: 'user' }])
  })

  test('without a role is refused by a page with the claim and its values, as an event', async () => {
    const { browser, answer } = await person('nora').signIn()
    expect([answer.status, browser.cookie]).toEqual([403, null])
    expect(answer.text).toContain('“groups” is: choir, &lt;b&gt;guests&lt;/b&gt;.')
    await flint.tell()
    expect(await events('action=session.refused')).toMatchObject([
      { actor: `${provider.issuer}#nora`, actorKind: 'user', reason: 'forbidden' },
    ])
  })

  test('that was declined at the provider says so', async () => {
    const { answer } = await person(null).signIn()
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('access_denied')])
  })

  test('again ends the session before', async () => {
    const vera = person('vera')
    const { browser } = await vera.signIn()
    const copy = new Browser(toApi(flint.api))
    copy.cookie = browser.cookie
    await vera.signIn()
    expect((await copy.ask('GET', '/ui/v1/me')).status).toBe(401)
  })
})

describe('coming back', () => {
  const over = [400, expect.stringContaining('This sign-in is over')]

  test('with a state of another sign-in is refused, and one’s own goes on', async () => {
    const vera = person('vera')
    const back = await vera.untilBack()
    const wrong = back.replace(/state=[^&]+/, 'state=another')
    const refused = await vera.open(wrong)
    expect([refused.status, refused.text]).toEqual(over)
    expect((await vera.open(back)).status).toBe(200)
  })

  test('in a browser that did not begin is refused', async () => {
    const back = await person('vera').untilBack()
    const refused = await person('vera').open(back)
    expect([refused.status, refused.text]).toEqual(over)
  })

  test('a second time is refused, also by who kept the cookie', async () => {
    const vera = person('vera')
    const back = await vera.untilBack()
    const kept = vera.stateCookie
    expect((await vera.open(back)).status).toBe(200)
    expect((await vera.open(back)).status).toBe(400)
    vera.stateCookie = kept
    const replayed = await vera.open(back)
    expect([replayed.status, replayed.text]).toEqual([
      403,
      expect.stringContaining('invalid_grant'),
    ])
  })
})

describe('a session of a user', () => {
  test('is listed with who it is, and signing out leads to the provider and leaves none', async () => {
    const { browser } = await person('vera').signIn()
    const seen = await browser.ask<{ sessions: unknown[] }>('GET', '/ui/v1/sessions')
    expect(seen.body.sessions).toContainEqual(
      expect.objectContaining({
        ...{ keyId: null, startedBy: 'oidc', isOwn: true, isCurrent: true },
        user: expect.objectContaining({ email: 'vera@corp.example', emailVerified: true }),
      }),
    )
    const copy = new Browser(toApi(flint.api))
    copy.cookie = browser.cookie
    const { status, body } = await browser.ask<{ continueAt: string }>('DELETE', '/ui/session')
    expect(status).toBe(200)
    const further = new URL(body.continueAt)
    expect(further.origin).toBe(provider.issuer)
    expect(further.searchParams.get('post_logout_redirect_uri')).toBe(
      'http://localhost:8080/ui/signin',
    )
    expect((await copy.ask('GET', '/ui/v1/me')).status).toBe(401)
  })
})

test('claims that the ID token lacks are asked of the userinfo endpoint', async () => {
  const apart = await startIdentityProvider({
    people: PEOPLE,
    redirectUris: ['http://localhost:8080/ui/oidc/callback'],
    claimsInToken: false,
    groupsWith: 'profile',
  })
  const other = await flintWith(apart.issuer)
  try {
    const { browser } = await new PersonAtProvider(other.api, apart, 'vera').signIn()
    expect(await me(browser)).toMatchObject({
      role: 'viewer',
      user: { email: 'vera@corp.example', emailVerified: true },
    })
  } finally {
    await other.stop()
    await apart.close()
  }
})

describe('a provider that', () => {
  async function tryWith(answer: http.RequestListener) {
    const server = http.createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const other = await flintWith(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    try {
      const browser = new Browser(toApi(other.api))
      const [login, byKey] = await Promise.all([
        browser.ask('GET', '/ui/oidc/login'),
        new Browser(toApi(other.api)).signIn(other.ours.key),
      ])
      return { login, byKey }
    } finally {
      await other.stop()
      server.closeAllConnections()
      server.close()
    }
  }

  test.each<[string, http.RequestListener]>([
    ['does not answer', () => {}],
    ['breaks off', (request) => request.socket.destroy()],
    ['answers garbage', (_, response) => response.end('{')],
    [
      'is another issuer',
      (_, response) =>
        response
          .setHeader('content-type', 'application/json')
          .end('{"issuer":"https://evil.example"}'),
    ],
    [
      'answers without end',
      (request, response) => {
        const more = setInterval(() => response.write(Buffer.alloc(65_536, ' ')), 1)
        request.socket.on('close', () => clearInterval(more))
      },
    ],
  ])('%s costs that sign-in seconds, and no other', async (_, answer) => {
    const { login, byKey } = await tryWith(answer)
    expect([login.status, login.text]).toEqual([
      503,
      expect.stringContaining('Corp does not answer'),
    ])
    expect(byKey.status).toBe(201)
    expect(faults.pop()).toBeInstanceOf(Error)
  })
})
