import { describe, expect, test } from 'vitest'
import { loadConfig } from './load.ts'
import { publicOrigin, publicTls } from './public-listener.ts'

const tlsWith = (env: Readonly<Record<string, string>>) => publicTls(loadConfig(env).config)
const pair = { FLINT_TLS_CERT_FILE: '/tls/cert.pem', FLINT_TLS_KEY_FILE: '/tls/key.pem' }

describe('the address that callers reach', () => {
  test.each(['127.0.0.1', '127.8.9.1', '::1'])('speaks plain HTTP on loopback: %s', (host) =>
    expect(tlsWith({ FLINT_HOST: host })).toBeNull(),
  )

  test.each(['0.0.0.0', '::', '10.1.2.3', 'fd00::1'])(
    'is refused at %s without TLS, and the refusal names the settings that help',
    (host) => {
      const refusal = new RegExp(
        `FLINT_HOST\\) is ${host.replaceAll('.', '\\.')}.*tls\\.certFile \\(FLINT_TLS_CERT_FILE\\).*tls\\.keyFile \\(FLINT_TLS_KEY_FILE\\).*behindTls: true \\(FLINT_BEHIND_TLS\\)`,
      )
      expect(() => tlsWith({ FLINT_HOST: host })).toThrow(refusal)
      expect(() => tlsWith({ FLINT_HOST: host, FLINT_BEHIND_TLS: 'false' })).toThrow(refusal)
    },
  )

  test('may be anywhere with TLS of its own, or with TLS in front of it', () => {
    expect(tlsWith({ FLINT_HOST: '0.0.0.0', FLINT_BEHIND_TLS: 'true' })).toBeNull()
    expect(tlsWith({ FLINT_HOST: '0.0.0.0', ...pair })).toEqual({
      certFile: '/tls/cert.pem',
      keyFile: '/tls/key.pem',
      clientCaFile: null,
    })
    expect(tlsWith({ ...pair, FLINT_TLS_CLIENT_CA_FILE: '/tls/ca.pem' })).toMatchObject({
      clientCaFile: '/tls/ca.pem',
    })
  })

  test('needs certificate and key together, and names the one that is missing', () => {
    expect(() => tlsWith({ FLINT_TLS_CERT_FILE: '/c' })).toThrow(/^tls\.keyFile .* is missing/)
    expect(() => tlsWith({ FLINT_TLS_KEY_FILE: '/k' })).toThrow(/^tls\.certFile .* is missing/)
    expect(() => tlsWith({ FLINT_TLS_CLIENT_CA_FILE: '/a' })).toThrow('FLINT_TLS_CERT_FILE')
  })

  test('is an address, no name', () =>
    expect(() => tlsWith({ FLINT_HOST: 'localhost' })).toThrow('must be an IP address'))

  test('is https where it speaks TLS', () => {
    const originWith = (env: Readonly<Record<string, string>>) =>
      publicOrigin(loadConfig(env).config)
    expect(originWith({})).toBe('http://127.0.0.1:8080')
    expect(originWith({ FLINT_HOST: '::', ...pair })).toBe('https://[::]:8080')
  })

  test('is behind TLS or not: nothing but true and false says so', () =>
    expect(() => loadConfig({ FLINT_BEHIND_TLS: 'yes' })).toThrow(
      'FLINT_BEHIND_TLS must be true or false',
    ))
})
