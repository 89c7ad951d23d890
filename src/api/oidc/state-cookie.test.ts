import fastifyCookie from '@fastify/cookie'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { createSite } from '../dashboard/site.ts'
import { createStateCookie, STATE_MS } from './state-cookie.ts'

const BEGAN_MS = Date.UTC(2026, 4, 4)

async function browserAt(org = 'org_1', secret = 'a secret') {
  let nowMs = BEGAN_MS
  const site = createSite('https://flint.example.com')
  const states = createStateCookie({ site, secret, org, nowMs: () => nowMs })
  const app = fastify()
  await app.register(fastifyCookie)
  const secrets = { state: 'one', nonce: 'two', verifier: 'three' }
  const state = { org, secrets, next: '/ui/', endsAtMs: BEGAN_MS + STATE_MS, before: null }
  app.get('/set', (request, reply) => {
    states.set(request, reply, state)
    return reply.send()
  })
  app.get<{ Querystring: { state?: string } }>('/take', (request, reply) =>
    reply.send({ taken: states.take(request, reply, request.query.state) }),
  )
  const ask = (url: string, cookie = '', host = 'localhost:8080') =>
    app.inject({ url, headers: { host, cookie } })
  return {
    begin: async (host?: string) => String((await ask('/set', '', host)).headers['set-cookie']),
    async come(cookie: string, afterMs = 0, given = 'one') {
      nowMs = BEGAN_MS + afterMs
      const answer = await ask(`/take?state=${given}`, cookie.split(';')[0])
      return { ...answer.json<{ taken: unknown }>(), cleared: answer.headers['set-cookie'] }
    },
  }
}

test('what a browser began it can finish for ten minutes', async () => {
  const browser = await browserAt()
  const cookie = await browser.begin()
  expect((await browser.come(cookie, STATE_MS - 1)).taken).toMatchObject({ next: '/ui/' })
  const late = await browser.come(cookie, STATE_MS)
  expect([late.taken, String(late.cleared)]).toEqual([null, expect.stringMatching(/^flint_oidc=;/)])
})

test('a state of another sign-in takes nothing, and leaves what was begun', async () => {
  const browser = await browserAt()
  const cookie = await browser.begin()
  const { taken, cleared } = await browser.come(cookie, 0, 'another')
  expect([taken, cleared]).toEqual([null, undefined])
})

test('what Flint did not sign is nothing, nor what it signed for another organisation', async () => {
  const browser = await browserAt()
  expect((await browser.come('flint_oidc=made.up')).taken).toBeNull()
  expect((await browser.come('flint_oidc=')).taken).toBeNull()
  const forged = await (await browserAt('org_1', 'another secret')).begin()
  const foreign = await (await browserAt('org_2')).begin()
  expect([(await browser.come(forged)).taken, (await browser.come(foreign)).taken]).toEqual([
    ...[null, null],
  ])
})

test('behind TLS it is sent over https alone', async () => {
  const cookie = await (await browserAt()).begin('flint.example.com')
  expect(cookie).toMatch(/^__Secure-flint_oidc=.*; Secure; SameSite=Lax$/)
})
