import fs from 'node:fs'
import http2 from 'node:http2'
import path from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Authority, makeAuthority } from '../../test/support/authority.ts'
import { eventually } from '../../test/support/eventually.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { freePort } from '../store/embedded/free-port.ts'
import { type GrpcListener, listenGrpcForProxies } from './grpc-listener.ts'
import type { PortForProxies } from './port-for-proxies.ts'

const PROXY = 'spiffe://cluster.local/ns/flint/sa/flint-egress'
/** As docs/mesh.md promises, and a second of a busy machine. */
const WITHIN_MS = 11_000

let authority: Authority
let port: PortForProxies
let listener: GrpcListener
let errors: unknown[]
let sessions: http2.ClientHttp2Session[]

beforeEach(async () => {
  authority = makeAuthority(path.join(temporaryDirectory(), 'authority'))
  const { certFile, keyFile } = authority.issue('flint', 'DNS:flint.flint.svc')
  port = {
    ...{ host: '127.0.0.1', port: await freePort(), certFile, keyFile },
    ...{ clientCaFile: authority.certFile, gateways: [PROXY], sidecars: [] },
  }
  errors = []
  sessions = []
  listener = await listenGrpcForProxies(
    port,
    {},
    {
      onError: () => {},
      onUnusableFiles: (error) => errors.push(error),
    },
  )
})
afterEach(async () => {
  for (const session of sessions) session.destroy()
  await listener.close()
})

/** A connection of a proxy, whose certificate is renewed with its authority. */
function connect(): http2.ClientHttp2Session {
  const { certFile, keyFile } = authority.issue('proxy', `URI:${PROXY}`)
  const session = http2.connect(`https://127.0.0.1:${port.port}`, {
    ...{ cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) },
    ...{ ca: fs.readFileSync(authority.certFile), checkServerIdentity: () => undefined },
  })
  sessions.push(session)
  return session
}

/** How a call on it ends; gRPC has 12 for a method that is not there. */
const callOn = (session: http2.ClientHttp2Session) =>
  new Promise<unknown>((resolve, reject) => {
    session.on('error', reject)
    const stream = session.request({
      ...{ ':method': 'POST', ':path': '/flint.Unknown/Method', te: 'trailers' },
      'content-type': 'application/grpc',
    })
    stream.on('response', (headers) => resolve(headers['grpc-status']))
    stream.on('error', reject)
    stream.end()
  })

/** Of the certificate that a new connection is shown. */
async function serialShown(): Promise<string> {
  const session = connect()
  await callOn(session)
  const { serialNumber } = (session.socket as TLSSocket).getPeerCertificate()
  session.destroy()
  return serialNumber
}

test('a renewed certificate is shown to new connections, and open ones go on', async () => {
  const open = connect()
  expect(await callOn(open)).toBe('12')
  const before = await serialShown()
  // The same files, as an agent of a mesh writes them.
  authority.issue('flint', 'DNS:flint.flint.svc')
  await eventually(async () => expect(await serialShown()).not.toBe(before), WITHIN_MS)
  expect(await callOn(open)).toBe('12')
  expect(errors).toEqual([])
})

test('a file that is no certificate leaves the one before in force, and is complained of until it is one', async () => {
  const before = await serialShown()
  const renewed = authority.issue('renewed', 'DNS:flint.flint.svc')
  // The key of another pair.
  fs.copyFileSync(renewed.keyFile, port.keyFile)
  await eventually(() => expect(errors.length).toBe(1), WITHIN_MS)
  expect(String(errors[0])).toContain('key values mismatch')
  expect(await serialShown()).toBe(before)
  fs.copyFileSync(renewed.certFile, port.certFile)
  await eventually(async () => expect(await serialShown()).not.toBe(before), WITHIN_MS)
})

test('proxies of a new authority are let in once it is in the file', async () => {
  const old = authority
  authority = makeAuthority(path.join(temporaryDirectory(), 'other'))
  const { certFile, keyFile } = authority.issue('flint', 'DNS:flint.flint.svc')
  const refused = connect()
  await expect(callOn(refused)).rejects.toThrow()
  for (const [from, to] of [
    [certFile, port.certFile],
    [keyFile, port.keyFile],
    [authority.certFile, old.certFile],
  ] as const)
    fs.copyFileSync(from, to)
  await eventually(async () => expect(await callOn(connect())).toBe('12'), WITHIN_MS)
})
