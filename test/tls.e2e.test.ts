import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import OpenAI from 'openai'
import { Agent, fetch as fetchOverTls } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askSocket } from '../src/ask-socket.ts'
import { type Certificate, makeAuthority } from './support/authority.ts'
import { type EnvoyUnderTest, startEnvoy } from './support/envoy.ts'
import { cleanEnvironment, freePort } from './support/flint.ts'
import { portOf } from './support/loopback-server.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import { chatCompletion } from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'
import { upstreamsAt } from './support/upstreams.ts'
import { useFlint } from './support/use-flint.ts'

const directory = temporaryDirectory()
const authority = makeAuthority(path.join(directory, 'of-flint'))
const ca = fs.readFileSync(authority.certFile)
const NAMES = 'IP:127.0.0.1,DNS:flint.test'
/** What the settings name; renewals change these files. */
const inUse: Certificate = {
  certFile: path.join(directory, 'cert.pem'),
  keyFile: path.join(directory, 'key.pem'),
}
/** So near its end that the operator is warned. */
function issue(name: string): Certificate {
  return authority.issue(name, NAMES, 2)
}
const first = issue('first')
fs.copyFileSync(first.certFile, inUse.certFile)
fs.copyFileSync(first.keyFile, inUse.keyFile)

const provider = http.createServer((request, response) => {
  request
    .resume()
    .on('end', () =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(chatCompletion('hello')),
    )
})
const envoys: EnvoyUnderTest[] = []
beforeAll(async () => {
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
})
afterAll(() => {
  provider.close()
  provider.closeAllConnections()
})
const upstream = () => `http://127.0.0.1:${portOf(provider)}`
const settings = { FLINT_TLS_CERT_FILE: inUse.certFile, FLINT_TLS_KEY_FILE: inUse.keyFile }
const flint = useFlint(() => ({ upstream: upstream(), env: settings }))
afterAll(() => Promise.all(envoys.map((envoy) => envoy.stop())))

const portOfFlint = () => Number(new URL(flint.baseUrl).port)

interface Connection {
  readonly socket: tls.TLSSocket
  /** Serial number of the certificate that was shown. */
  readonly serial: string
}
async function connect(port: number, options: tls.ConnectionOptions = {}): Promise<Connection> {
  const socket = tls.connect({ host: '127.0.0.1', port, ca, ...options })
  await once(socket, 'secureConnect')
  return { socket, serial: socket.getPeerCertificate().serialNumber }
}
async function serialShown(port: number): Promise<string> {
  const { socket, serial } = await connect(port)
  socket.destroy()
  return serial
}
const serialOf = ({ certFile }: Certificate) =>
  new X509Certificate(fs.readFileSync(certFile)).serialNumber

/** Status of /readyz; on the agent's open connection where it has one. */
function readyz(port: number, options: https.RequestOptions): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    https
      .get({ host: '127.0.0.1', port, path: '/readyz', ca, ...options }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      .on('error', reject)
  })
}

describe('callers over TLS', () => {
  test.each([
    ['HTTP/1.1', false, 'http1'],
    ['HTTP/2', true, 'http2'],
  ])('call by %s with an SDK, and are recorded', async (_, allowH2, counter) => {
    const admin = path.join(flint.dataDir, 'run/envoy-admin.sock')
    const requests = async () => {
      const stats = await askSocket(
        admin,
        `/stats?filter=http.flint.downstream_rq_${counter}_total`,
      )
      return Number(stats?.trim().split(': ')[1])
    }
    const [before, recorded] = [await requests(), await countOfRecords()]
    const dispatcher = new Agent({ allowH2, connect: { ca: ca.toString() } })
    const client = new OpenAI({
      apiKey: PROVIDER_KEY,
      baseURL: `https://127.0.0.1:${portOfFlint()}/v1/proxy/openai`,
      defaultHeaders: { 'x-flint-key': flint.key },
      maxRetries: 0,
      fetch: ((url: string, init: object) => fetchOverTls(url, { ...init, dispatcher })) as never,
    })
    const answer = await client.chat.completions.create({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    expect(answer.choices[0]?.message.content).toBe('hello')
    expect(await requests()).toBe(before + 1)
    await dispatcher.close()
    await until('the call to be recorded', 15_000, async () => {
      return (await countOfRecords()) === recorded + 1
    })
  })

  test('see nothing where they speak plain HTTP', async () => {
    const socket = net.connect(portOfFlint(), '127.0.0.1')
    socket.write('GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n')
    let heard = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard += text
    })
    socket.on('error', () => {})
    await once(socket, 'close')
    expect(heard).not.toContain('HTTP/1')
  })

  test('see the https address printed at the start, and the operator when the certificate ends', async () => {
    expect(flint.output()).toContain(`Flint is up: https://127.0.0.1:${portOfFlint()}`)
    expect(flint.output()).toMatch(/warning: tls\.certFile is good until \d{4}-.* renew it/)
    const endSeconds =
      Date.parse(new X509Certificate(fs.readFileSync(inUse.certFile)).validTo) / 1_000
    expect(await flint.cli('metrics')).toContain(
      `flint_gate_certificate_end_timestamp_seconds{name="tls.certFile"} ${endSeconds}\n`,
    )
  })

  test('on open connections go on when the certificate is renewed in place, and new ones see the new one', async () => {
    const port = portOfFlint()
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
    const opened = new Set<net.Socket>()
    agent.on('free', (socket: net.Socket) => opened.add(socket))
    expect(await readyz(port, { agent })).toBe(200)
    expect(await serialShown(port)).toBe(serialOf(first))

    const second = issue('second')
    // The key does not belong to the certificate until both are there.
    fs.writeFileSync(inUse.certFile, fs.readFileSync(second.certFile))
    await until('half of a pair to be noticed', 20_000, () =>
      flint.output().includes('the certificate before stays in force: tls.keyFile'),
    )
    expect(await serialShown(port)).toBe(serialOf(first))
    fs.writeFileSync(inUse.keyFile, fs.readFileSync(second.keyFile))
    await until('the new certificate', 20_000, async () => {
      return (await serialShown(port)) === serialOf(second)
    })
    expect(flint.output()).toContain('tls.certFile: renewed, good until')

    expect(await readyz(port, { agent })).toBe(200)
    expect(opened.size).toBe(1)
    agent.destroy()
  })
})

describe('where callers must show a certificate', () => {
  let envoy: EnvoyUnderTest
  const callers = makeAuthority(path.join(directory, 'of-callers'))
  const good = callers.issue('a-caller', 'URI:spiffe://example.test/a-caller')
  const contents = ({ certFile, keyFile }: Certificate) => ({
    cert: fs.readFileSync(certFile),
    key: fs.readFileSync(keyFile),
  })
  beforeAll(async () => {
    // The Envoy of somebody who runs it himself, with the bootstrap that Flint prints.
    const env = {
      ...cleanEnvironment(),
      ...upstreamsAt(upstream()),
      ...settings,
      FLINT_TLS_CLIENT_CA_FILE: callers.certFile,
      FLINT_DATA_DIR: flint.dataDir,
    }
    envoy = await startEnvoy(env, await freePort(), path.join(directory, 'envoy'))
    envoys.push(envoy)
  })
  const port = () => Number(new URL(envoy.baseUrl).port)
  /** Of the handshake or of the first answer: in TLS 1.3 the refusal comes after the handshake. */
  const refusalOf = (options: https.RequestOptions) =>
    readyz(port(), { agent: false, ...options }).then(
      (status) => `answered with ${status}`,
      (error: NodeJS.ErrnoException) => error.code,
    )

  test('one of the named authority is let in', async () => {
    expect(await readyz(port(), { agent: false, ...contents(good) })).toBe(200)
  })

  test('none, and one of another authority, are refused by TLS', async () => {
    expect(await refusalOf({})).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')
    const foreign = authority.issue('foreign', 'URI:spiffe://example.test/a-caller')
    expect(await refusalOf(contents(foreign))).toMatch(/^ERR_SSL_.*ALERT|ECONNRESET/)
  })

  test('a certificate moved into place is served to new connections', async () => {
    const third = issue('third')
    for (const which of ['certFile', 'keyFile'] as const) {
      fs.copyFileSync(third[which], `${inUse[which]}.new`)
      fs.renameSync(`${inUse[which]}.new`, inUse[which])
    }
    await until('the new certificate', 10_000, async () => {
      const { socket, serial } = await connect(port(), contents(good))
      socket.destroy()
      return serial === serialOf(third)
    })
  })
})

async function countOfRecords(): Promise<number> {
  const [row] = await flint.sql<{ calls: string }>('SELECT count() AS calls FROM calls')
  return Number(row?.calls)
}
