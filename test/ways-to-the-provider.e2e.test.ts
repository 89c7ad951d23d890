import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EnvoyUnderTest, startEnvoy } from './support/envoy.ts'
import { cleanEnvironment, freePort, PROJECT } from './support/flint.ts'
import { portOf } from './support/loopback-server.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { rawBytes, rawCall } from './support/raw-http.ts'
import { chatCompletion } from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'
import { upstreamsAt } from './support/upstreams.ts'
import { useFlint } from './support/use-flint.ts'

const CERTIFICATES = path.join(PROJECT, 'test/support/certificates')
const CERTIFICATE = path.join(CERTIFICATES, 'loopback.pem')

/** Each connection that reached the provider, and how many requests came on it. */
const connections: net.Socket[] = []
let provider: https.Server
let proxy: http.Server
/** What the proxy was asked for. */
const tunnels: Array<{
  readonly target: string | undefined
  readonly authorization: string | undefined
}> = []
const env = { FLINT_ENVOY_CA_FILE: CERTIFICATE }
const envoys: EnvoyUnderTest[] = []

beforeAll(async () => {
  const tls = {
    key: fs.readFileSync(path.join(CERTIFICATES, 'loopback-key.pem')),
    cert: fs.readFileSync(CERTIFICATE),
  }
  provider = https.createServer(tls, (request, response) => {
    request
      .resume()
      .on('end', () =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(chatCompletion('hello')),
      )
  })
  provider.keepAliveTimeout = 60_000
  provider.on('secureConnection', (socket: net.Socket) => connections.push(socket))
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  proxy = http.createServer((_request, response) => void response.writeHead(405).end())
  proxy.on('connect', (request, socket: net.Socket) => {
    tunnels.push({ target: request.url, authorization: request.headers['proxy-authorization'] })
    // Whatever name was asked for: there is one provider in the world.
    const onward = net.connect(portOf(provider), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    for (const side of [socket, onward]) side.on('error', () => side.destroy())
    socket.on('close', () => onward.destroy())
    onward.on('close', () => socket.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
})
afterAll(() => {
  for (const server of [provider, proxy]) {
    server?.close()
    server?.closeAllConnections()
  }
})
const flint = useFlint(() => ({ upstream: `https://127.0.0.1:${portOf(provider)}`, env }))
afterAll(() => Promise.all(envoys.map((envoy) => envoy.stop())))

/** One more Envoy before the same Flint, with settings of its own. */
async function envoyWith(settings: Readonly<Record<string, string>>): Promise<EnvoyUnderTest> {
  const upstream = `https://127.0.0.1:${portOf(provider)}`
  const envoy = await startEnvoy(
    {
      ...cleanEnvironment(),
      ...upstreamsAt(upstream),
      ...env,
      FLINT_DATA_DIR: flint.dataDir,
      ...settings,
    },
    await freePort(),
    temporaryDirectory(),
  )
  envoys.push(envoy)
  return envoy
}

const keys = () => ({
  authorization: `Bearer ${flint.key}`,
  'x-provider-key': PROVIDER_KEY,
})
const chat = (baseUrl: string, headers: http.OutgoingHttpHeaders = {}) =>
  rawCall(`${baseUrl}/v1/proxy/openai/chat/completions`, {
    headers: { ...keys(), ...headers },
    body: '{"model":"gpt-4o"}',
  })

describe('a provider', () => {
  test('named by an IP address is checked by it', async () => {
    expect((await chat(flint.baseUrl)).status).toBe(200)
    expect((await flint.settled(1))[0]).toMatchObject({
      outcome: 'complete',
      model: 'gpt-4o-2024-08-06',
    })
  })

  test('is not held by connections that no one uses: they are given up before anything on the way forgets them', async () => {
    const before = connections.length
    await Promise.all(Array.from({ length: 8 }, () => chat(flint.baseUrl)))
    expect(connections.length).toBeGreaterThan(before)
    await until('all connections to be closed by Envoy', 30_000, () =>
      connections.every(({ destroyed }) => destroyed),
    )
    for (let time = 0; time < 4; time++) expect((await chat(flint.baseUrl)).status).toBe(200)
  })
})

describe('where the only way out is a proxy', () => {
  test('a provider is reached by its name through it, without any name server, and the proxy learns who asks', async () => {
    const envoy = await envoyWith({
      FLINT_PROVIDERS_OPENAI_UPSTREAM: 'https://provider.test',
      FLINT_EGRESS_PROXY: `http://user:p%40ss@127.0.0.1:${portOf(proxy)}`,
    })
    const answer = await chat(envoy.baseUrl, { 'x-flint-echo': '1' })
    expect([answer.status, answer.body.toString()]).toEqual([200, chatCompletion('hello')])
    expect(tunnels).toEqual([
      {
        target: 'provider.test:443',
        authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
      },
    ])
  })

  test('that is not there, a call ends with 502 upstream_error', async () => {
    const envoy = await envoyWith({
      FLINT_PROVIDERS_OPENAI_UPSTREAM: 'https://provider.test',
      FLINT_EGRESS_PROXY: 'http://127.0.0.1:1',
    })
    const answer = await chat(envoy.baseUrl)
    expect([answer.status, JSON.parse(answer.body.toString()).error.code]).toEqual([
      502,
      'upstream_error',
    ])
  })
})

describe('a limit takes effect', () => {
  test('requests of one address: 429 in JSON, while another address is served; the balancer’s header counts where it is trusted', async () => {
    const envoy = await envoyWith({
      FLINT_LIMITS_CALLS_PER_SECOND_PER_ADDRESS: '2',
      FLINT_TRUSTED_HOPS: '1',
    })
    const from = (address: string) => chat(envoy.baseUrl, { 'x-forwarded-for': address })
    const answers = await Promise.all(Array.from({ length: 40 }, () => from('192.0.2.1')))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    expect(JSON.parse(refused[0]?.body.toString() ?? '')).toMatchObject({
      error: { code: 'rate_limited', type: 'flint_error' },
    })
    expect([refused[0]?.header('retry-after'), refused[0]?.header('x-envoy-ratelimited')]).toEqual([
      '1',
      undefined,
    ])
    expect((await from('192.0.2.2')).status).toBe(200)
    expect(await admin(envoy, '/stats')).toMatch(/rate_limited: [1-9]/)
  })

  test('connections of callers: those beyond it are closed, and the open ones go on', async () => {
    const envoy = await envoyWith({ FLINT_LIMITS_CONNECTIONS: '3' })
    const { hostname, port } = new URL(envoy.baseUrl)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const served = () => rawCall(`${envoy.baseUrl}/readyz`, { method: 'GET', agent })
    expect((await served()).status).toBe(200)
    const idle: net.Socket[] = []
    const closed = await new Promise((resolve) => {
      for (let count = 0; count < 8; count++) {
        const socket = net.connect(Number(port), hostname)
        socket.on('error', () => {})
        socket.once('close', () => resolve(true))
        idle.push(socket)
      }
    })
    expect(closed).toBe(true)
    expect((await served()).status).toBe(200)
    expect(await admin(envoy, '/stats')).toMatch(/downstream_global_cx_overflow: [1-9]/)
    for (const socket of idle) socket.destroy()
    agent.destroy()
  })

  test('as configured, in Envoy’s own account of its configuration', async () => {
    const dump = await ask(path.join(flint.dataDir, 'run', 'envoy-admin.sock'), '/config_dump')
    const manager = dump.replaceAll(/\s+/g, '')
    for (const setting of [
      '"request_headers_timeout":"30s"',
      '"max_concurrent_streams":256',
      '"initial_stream_window_size":1048576',
      '"max_headers_count":1000',
      '"max_active_downstream_connections"',
      '"max_stream_duration":{"max_stream_duration":"300s"}',
      '"common_http_protocol_options":{"idle_timeout":"4s","max_headers_count":1000,"max_connection_duration":"600s"}',
      '"tcp_keepalive":{"keepalive_probes":4,"keepalive_time":60,"keepalive_interval":30}',
    ])
      expect(manager).toContain(setting)
  })
})

test('on :: callers of both families are heard', async () => {
  const envoy = await envoyWith({ FLINT_HOST: '::', FLINT_BEHIND_TLS: 'true' })
  const port = new URL(envoy.baseUrl).port
  for (const host of ['127.0.0.1', '[::1]'])
    expect((await rawCall(`http://${host}:${port}/readyz`, { method: 'GET' })).status).toBe(200)
  expect(
    (await rawBytes(envoy.baseUrl, 'GET /readyz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'))
      .status,
  ).toBe(200)
})

const admin = ({ log }: EnvoyUnderTest, page: string) =>
  ask(path.join(path.dirname(log), 'admin.sock'), page)

function ask(socketPath: string, page: string): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get({ socketPath, path: page }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(text))
      })
      .on('error', reject)
  })
}
