import fs from 'node:fs'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { NO_USERS } from '../../identity/role-mapping.ts'
import type { SessionAdmin } from '../../identity/session-admin.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import { stubApi } from '../stub-api.ts'

let directory: string
let api: FastifyInstance
beforeEach(() => {
  directory = path.join(temporaryDirectory(), 'dashboard')
  const refused = { refused: 'unknown', principal: null } as const
  const keys = { authenticate: () => refused, holderOf: () => refused }
  const stub = () => Promise.reject(new Error('a stub was asked'))
  const admin: SessionAdmin = { start: stub, end: stub, makeLink: stub, findLink: stub }
  const cache = { loaded: true, find: () => null, sessionsOf: () => [] }
  api = stubApi({
    dashboard: {
      ...{ publicUrl: undefined, pageDirectory: directory, keys, admin },
      oidc: null,
      directory: new SessionDirectory({
        users: NO_USERS,
        ...{ cache, keys, secret: Buffer.from('unused'), idleMs: 1, noteUses: stub },
      }),
      signInFailures: { note() {} },
      refreshDirectory: stub,
    },
  })
})
afterEach(() => api.close())

const PAGE = '<!doctype html><script type=module src=/ui/assets/main-1a2b.js></script>'
function build() {
  fs.mkdirSync(path.join(directory, 'assets'), { recursive: true })
  fs.writeFileSync(path.join(directory, 'index.html'), PAGE)
  fs.writeFileSync(path.join(directory, 'theme.js'), 'plain()')
  fs.writeFileSync(path.join(directory, 'assets/main-1a2b.js'), 'main()')
  fs.writeFileSync(path.join(directory, 'assets/main-1a2b.js.br'), 'brotli')
  fs.writeFileSync(path.join(directory, 'assets/main-1a2b.js.gz'), 'gzip')
}
const get = (url: string, headers: Record<string, string> = {}) =>
  api.inject({ method: 'GET', url, headers: { host: 'localhost:8080', ...headers } })

test('a browser at / is led to the page, a program is answered as before', async () => {
  const led = await get('/', { accept: 'text/html,application/xhtml+xml' })
  expect([led.statusCode, led.headers.location]).toEqual([303, '/ui/'])
  const program = await get('/', { accept: '*/*' })
  expect([program.statusCode, program.json().error.code]).toEqual([404, 'not_found'])
  expect((await get('/ui')).headers.location).toBe('/ui/')
})

test('whatever is no file is the page, which is asked for anew each time', async () => {
  build()
  for (const url of [
    '/ui/',
    '/ui/index.html',
    '/ui/audit?last=24h',
    '/ui/audit/0196/prompt',
    '/ui/%00',
    '/ui/theme.js/x',
  ]) {
    const { statusCode, headers, body } = await get(url)
    expect([url, statusCode, body]).toEqual([url, 200, PAGE])
    expect(headers['cache-control']).toBe('no-cache')
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
  }
})

test('assets are kept by browsers for good and come compressed where they are asked so', async () => {
  build()
  const url = '/ui/assets/main-1a2b.js'
  const plain = await get(url)
  expect([plain.body, plain.headers['content-encoding']]).toEqual(['main()', undefined])
  const brotli = await get(url, { 'accept-encoding': 'gzip, deflate, br, zstd' })
  expect([brotli.body, brotli.headers['content-encoding']]).toEqual(['brotli', 'br'])
  expect((await get(url, { 'accept-encoding': 'gzip' })).body).toBe('gzip')
  for (const { headers } of [plain, brotli]) {
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(headers['content-type']).toMatch(/^(text|application)\/javascript/)
    expect(headers['vary']).toMatch(/accept-encoding/i)
  }
  const theme = await get('/ui/theme.js')
  expect([theme.body, theme.headers['cache-control']]).toEqual(['plain()', 'no-cache'])
})

test('an asset or a route that is not there is no page, and is not kept', async () => {
  build()
  for (const url of ['/ui/assets/main-0000.js', '/ui/v1/nothing']) {
    const { statusCode, headers } = await get(url)
    expect([url, statusCode]).toEqual([url, 404])
    expect(String(headers['cache-control'])).not.toMatch(/public|immutable/)
  }
})

test('nothing outside the folder is served', async () => {
  build()
  fs.writeFileSync(path.join(directory, '..', 'secret'), 'secret')
  for (const url of ['/ui/../secret', '/ui/..%2fsecret', '/ui/%2e%2e/secret', '/ui/.hidden'])
    expect((await get(url)).body, url).not.toContain('secret')
})

test('every answer under /ui forbids to run, frame or read anything foreign', async () => {
  build()
  for (const url of ['/ui/', '/ui/assets/main-1a2b.js', '/ui/v1/audit', '/ui/session']) {
    const { headers } = await get(url)
    expect(headers['content-security-policy'], url).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    )
    expect(headers, url).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    expect(headers['strict-transport-security'], url).toBeUndefined()
  }
})

test('a page that was not built says how to build it, and the API goes on', async () => {
  const { statusCode, body } = await get('/ui/')
  expect([statusCode, body]).toEqual([503, expect.stringContaining('npm run build')])
  expect((await get('/ui/session')).json()).toMatchObject({ signedIn: false, buildId: null })
  build()
  expect((await get('/ui/')).statusCode).toBe(200)
  expect((await get('/ui/session')).json().buildId).toMatch(/^[0-9a-f]{16}$/)
})
