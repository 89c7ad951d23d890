import { describe, expect, test } from 'vitest'
import { loadConfig } from './load.ts'
import { proxyPort } from './mesh-settings.ts'

const here = import.meta.filename
const whole = {
  FLINT_MESH_GATE_PORT: '9101',
  FLINT_MESH_CERT_FILE: here,
  FLINT_MESH_KEY_FILE: here,
  FLINT_MESH_CLIENT_CA_FILE: here,
  FLINT_MESH_GATEWAYS: '["spiffe://cluster.local/ns/istio-system/sa/egress"]',
}
const portWith = (env: Readonly<Record<string, string>>, role: 'gate' | 'observer' = 'gate') =>
  proxyPort(loadConfig(env).config, role)

describe('a port for the proxies of a mesh', () => {
  test('is there where it is asked for', () => {
    expect(portWith(whole)).toMatchObject({ host: '0.0.0.0', port: 9101, certFile: here })
    expect(portWith(whole, 'observer')).toBeNull()
    expect(portWith({})).toBeNull()
  })

  test.each(['FLINT_MESH_CERT_FILE', 'FLINT_MESH_KEY_FILE', 'FLINT_MESH_CLIENT_CA_FILE'])(
    'is never there without %s, which the refusal names',
    (name) => {
      const { [name as keyof typeof whole]: _, ...rest } = whole
      expect(() => portWith(rest)).toThrow(`(${name}) is missing`)
      expect(() => portWith({ ...rest, [name]: '/nowhere' })).toThrow(`(${name}) names no file`)
    },
  )

  test('is never there without a proxy that may connect', () =>
    expect(() => portWith({ ...whole, FLINT_MESH_GATEWAYS: '[]' })).toThrow('FLINT_MESH_SIDECARS'))

  test.each(['https://a/b', 'spiffe://a/*/b', '*', 'spiffe://*'])(
    'knows proxies by SPIFFE IDs, which %s is not',
    (id) =>
      expect(() => portWith({ ...whole, FLINT_MESH_GATEWAYS: JSON.stringify([id]) })).toThrow(
        'mesh.gateways',
      ),
  )
})
