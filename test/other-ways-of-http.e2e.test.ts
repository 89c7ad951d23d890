import { once } from 'node:events'
import http from 'node:http'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { portOf } from './support/loopback-server.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawCall } from './support/raw-http.ts'
import { useFlint } from './support/use-flint.ts'

const PAGE = 'https://app.example.com'
let provider: http.Server
const sockets = new Set<Socket>()
const arrived: string[][] = []
const manyHeaders = Array.from({ length: 200 }, (_, at) => [`x-h-${at}`, `${at}`]).flat()
beforeAll(async () => {
  provider = http.createServer((request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => {
      const many = request.headers['x-many'] ? manyHeaders : []
      arrived.push(request.rawHeaders)
      response.writeHead(200, ['content-type', 'text/plain', ...many])
      response.end(request.method === 'HEAD' ? undefined : `${bytes}`)
    })
  })
  // Says what it hears: a websocket's frames are bytes to everyone between its ends.
  provider.on('upgrade', (request, socket: Socket) => {
    arrived.push(request.rawHeaders)
    sockets.add(socket)
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
    )
    socket.pipe(socket)
    socket.on('error', () => socket.destroy())
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  provider.close()
  provider.closeAllConnections()
})
const flint = useFlint(() => ({
  env: { FLINT_CORS_ORIGINS: JSON.stringify([PAGE]) },
  // A name with two families, of which the provider listens on one.
  upstream: `http://localhost:${portOf(provider)}`,
}))
const keys = () => ({
  authorization: `Bearer ${flint.key}`,
  'x-provider-key': PROVIDER_KEY,
})

describe('besides plain calls', () => {
  test('a websocket passes both ways and leaves one record when it is closed', async () => {
    const echoed = await new Promise<string>((resolve, reject) => {
      const headers = {
        ...keys(),
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'abc',
        'sec-websocket-version': '13',
        'x-flint-request-id': 'socket',
      }
      const request = http.request(`${flint.baseUrl}/v1/proxy/openai/realtime?model=gpt-realtime`, {
        headers,
      })
      request.on('upgrade', (response, socket) => {
        socket.on('data', (bytes: Buffer) => {
          resolve(`${response.statusCode} ${bytes}`)
          socket.end()
        })
        socket.write('hello')
      })
      request.on('error', reject)
      request.end()
    })
    expect(echoed).toBe('101 hello')
    expect((await flint.settled(1))[0]).toMatchObject({
      claimedRequestId: 'socket',
      endpoint: '/v1/realtime',
      status: 101,
      outcome: 'complete',
      requestBytes: 5,
      responseBytes: 5,
    })
  })

  test('a caller who asks with Expect: 100-continue may go on', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const request = http.request(`${flint.baseUrl}/v1/proxy/openai/files`, {
        method: 'POST',
        headers: { ...keys(), expect: '100-continue', 'content-length': 5 },
      })
      request.on('continue', () => request.end('12345'))
      request.on('response', (response) =>
        response.on('data', (bytes: Buffer) => resolve(bytes.toString())),
      )
      request.on('error', reject)
      request.flushHeaders()
    })
    expect(answer).toBe('5')
  })

  test('HEAD and GET without a body are recorded', async () => {
    for (const method of ['HEAD', 'GET'])
      expect(
        (await rawCall(`${flint.baseUrl}/v1/proxy/openai/models`, { method, headers: keys() }))
          .status,
      ).toBe(200)
    const records = await flint.settled(4)
    expect(records.map((record) => [record.method, record.outcome]).sort()).toEqual([
      ['GET', 'complete'],
      ['GET', 'complete'],
      ['HEAD', 'complete'],
      ['POST', 'complete'],
    ])
  })

  test('what is no HTTP that can be read is refused in JSON too', async () => {
    const answer = await rawCall(`${flint.baseUrl}/v1/proxy/openai/models`, {
      method: 'GET',
      headers: { ...keys(), 'x-large': 'x'.repeat(100_000) },
    })
    expect([answer.status, JSON.parse(answer.body.toString()).error.code]).toEqual([
      431,
      'invalid_request',
    ])
  })

  test('analysts ask in SQL: one row per call, over the view `calls`', async () => {
    const rows = await flint.cli(
      'sql',
      '--json',
      "SELECT method, count() AS calls FROM calls WHERE outcome = 'complete' GROUP BY method ORDER BY method",
    )
    expect(
      rows
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { method: 'GET', calls: 2 },
      { method: 'HEAD', calls: 1 },
      { method: 'POST', calls: 1 },
    ])
    await expect(flint.cli('sql', 'SELECT nonsense FROM calls')).rejects.toThrow(/nonsense/)
    await expect(flint.cli('sql', 'TRUNCATE TABLE evidence')).rejects.toThrow(/exit 1/)
  })

  test.each(['TLS/1.2', 'tls/1.0, foo', 'web', 'websockets', 'h2c'])(
    'an upgrade to %s is ignored: the call is a plain one',
    async (upgrade) => {
      const headers = { ...keys(), connection: 'upgrade', upgrade, 'content-type': 'text/plain' }
      const answer = await rawCall(`${flint.baseUrl}/v1/proxy/openai/files`, {
        headers,
        body: '12345',
      })
      expect([answer.status, answer.body.toString()]).toEqual([200, '5'])
      expect(arrived.at(-1)?.map((text) => text.toLowerCase())).not.toContain('upgrade')
      const asked = await rawCall(`${flint.baseUrl}/v1/audit`, {
        method: 'GET',
        headers: { ...headers, authorization: `Bearer ${flint.key}` },
      })
      expect(asked.status).toBe(200)
    },
  )

  test('two hundred headers pass both ways', async () => {
    const answer = await rawCall(`${flint.baseUrl}/v1/proxy/openai/files`, {
      headers: {
        ...keys(),
        'x-many': '1',
        ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`x-h-${at}`, `${at}`])),
      },
    })
    expect([answer.status, answer.header('x-h-199')]).toEqual([200, '199'])
    expect(arrived.at(-1)).toContain('x-h-199')
  })

  test('a page puts both keys into the subprotocol of its websocket, and neither arrives there', async () => {
    const offered = `realtime, openai-insecure-api-key.${flint.key}, openai-insecure-api-key.${PROVIDER_KEY}`
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'abc',
        'sec-websocket-protocol': offered,
      }
      const request = http.request(`${flint.baseUrl}/v1/proxy/openai/realtime?model=gpt-realtime`, {
        headers,
      })
      request.on('upgrade', (response, socket) => {
        socket.destroy()
        resolve(response.statusCode)
      })
      request.on('response', (response) => resolve(response.statusCode))
      request.on('error', reject)
      request.end()
    })
    expect(status).toBe(101)
    const seen = arrived.at(-1) ?? []
    expect(
      seen[seen.findIndex((text) => text.toLowerCase() === 'sec-websocket-protocol') + 1],
    ).toBe('realtime')
    expect(seen).toContain(`Bearer ${PROVIDER_KEY}`)
    expect(seen.join()).not.toContain('flnt_')
  })

  describe('a page in a browser', () => {
    const preflight = (origin: string, path = '/v1/proxy/openai/chat/completions') =>
      rawCall(flint.baseUrl + path, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,x-provider-key',
        },
      })

    test('of a configured origin has its preflight answered by Flint, for calls and for the API', async () => {
      const before = arrived.length
      for (const path of ['/v1/proxy/openai/chat/completions', '/v1/audit']) {
        const answer = await preflight(PAGE, path)
        expect([answer.status, answer.header('access-control-allow-origin')]).toEqual([200, PAGE])
        expect(answer.header('access-control-allow-headers')).toContain('authorization')
        expect(answer.header('access-control-allow-methods')).toContain('POST')
      }
      expect(arrived.length).toBe(before)
    })

    test('reads answers and refusals alike', async () => {
      const headers = { origin: PAGE }
      const answers = [
        await rawCall(`${flint.baseUrl}/v1/proxy/openai/files`, {
          headers: { ...keys(), ...headers },
          body: '1',
        }),
        await rawCall(`${flint.baseUrl}/v1/proxy/openai/files`, { headers, body: '1' }),
        await rawCall(`${flint.baseUrl}/v1/audit`, { method: 'GET', headers }),
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 401, 401])
      for (const answer of answers) {
        expect(answer.header('access-control-allow-origin')).toBe(PAGE)
        expect(answer.header('access-control-expose-headers')).toBe('*')
      }
    })

    test('of another origin gets nothing, and its preflight is not forwarded', async () => {
      const before = arrived.length
      const answer = await preflight('https://evil.example')
      expect([answer.status, answer.header('access-control-allow-origin')]).toEqual([
        401,
        undefined,
      ])
      expect(arrived.length).toBe(before)
    })
  })

  test('metrics, admin pages and unknown paths are no one’s business: 404 in JSON', async () => {
    for (const path of ['/metrics', '/stats', '/config_dump', '/v1', '/v1/proxyx']) {
      const answer = await rawCall(flint.baseUrl + path, { method: 'GET' })
      expect([path, answer.status, JSON.parse(answer.body.toString()).error.code]).toEqual([
        path,
        404,
        'not_found',
      ])
    }
  })
})
