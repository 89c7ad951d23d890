import fs from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Certificate, makeAuthority } from '../../test/support/authority.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { certificateEnds, checkCertificates, firstEndMs } from './certificate-files.ts'
import { loadConfig } from './load.ts'

let directory: string
let ca: string
let mine: Certificate
let another: Certificate
beforeAll(() => {
  directory = temporaryDirectory()
  const authority = makeAuthority(directory)
  ca = authority.certFile
  mine = authority.issue('mine', 'DNS:flint.test')
  another = authority.issue('another', 'DNS:flint.test')
})
const DAY_MS = 24 * 60 * 60 * 1_000
const check = (files: { cert?: string; key?: string; clientCa?: string }) =>
  checkCertificates({
    certFile: files.cert ?? mine.certFile,
    keyFile: files.key ?? mine.keyFile,
    clientCaFile: files.clientCa ?? null,
  })

describe('certificate and key of callers’ TLS', () => {
  test('that belong together are taken', () => {
    expect(() => check({ clientCa: ca })).not.toThrow()
  })

  test('that do not, or are not there, or hold something else, are refused by their setting', () => {
    expect(() => check({ key: another.keyFile })).toThrow(
      /^tls\.keyFile \(FLINT_TLS_KEY_FILE\) is no key of tls\.certFile/,
    )
    expect(() => check({ cert: '/nowhere.pem' })).toThrow(
      'tls.certFile (FLINT_TLS_CERT_FILE) cannot be read: /nowhere.pem',
    )
    expect(() => check({ key: '/nowhere.pem' })).toThrow('(FLINT_TLS_KEY_FILE) cannot be read')
    expect(() => check({ cert: mine.keyFile })).toThrow(
      '(FLINT_TLS_CERT_FILE) holds no certificate',
    )
    expect(() => check({ clientCa: mine.keyFile })).toThrow('(FLINT_TLS_CLIENT_CA_FILE) holds no')
  })
})

describe('when certificates end', () => {
  test('is known of the first to end in a file', () => {
    const endMs = firstEndMs(mine.certFile)
    expect(Math.abs(endMs - Date.now() - 30 * DAY_MS)).toBeLessThan(DAY_MS / 24)
    const chain = path.join(directory, 'chain.pem')
    const longLived = fs.readFileSync(
      path.join(import.meta.dirname, '../../test/support/certificates/loopback.pem'),
    )
    fs.writeFileSync(chain, Buffer.concat([longLived, fs.readFileSync(mine.certFile)]))
    expect(firstEndMs(chain)).toBe(endMs)
  })

  test('is known by setting, of those files that can be read', () => {
    const { config } = loadConfig({
      FLINT_TLS_CERT_FILE: mine.certFile,
      FLINT_MESH_CERT_FILE: '/nowhere.pem',
      FLINT_MESH_CLIENT_CA_FILE: ca,
    })
    expect(certificateEnds(config)).toEqual([
      ['tls.certFile', firstEndMs(mine.certFile) / 1_000],
      ['mesh.clientCaFile', firstEndMs(ca) / 1_000],
    ])
  })
})
