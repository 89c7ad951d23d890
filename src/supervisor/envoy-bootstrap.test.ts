import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { findEnvoy } from '../../envoy/find-envoy.ts'
import { renderBootstrap } from '../../envoy/render-bootstrap.ts'
import { type BootstrapTree, virtualHostsOf } from '../../envoy/tree.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { ConfigError } from '../config/config-error.ts'
import { dataPaths } from '../config/data-paths.ts'
import { loadConfig } from '../config/load.ts'
import { ERRORS } from '../errors.ts'

let directory: string
beforeEach(() => {
  directory = temporaryDirectory()
})

interface Route {
  readonly match: { readonly prefix?: string; readonly safe_regex?: { readonly regex: string } }
  readonly route?: { readonly cluster: string }
}

interface Cluster {
  readonly name: string
  readonly transport_socket?: {
    readonly typed_config: {
      readonly sni: string
      readonly common_tls_context: {
        readonly validation_context: { readonly trusted_ca: { readonly filename: string } }
      }
    }
  }
  readonly load_assignment: unknown
}

function render(env: Readonly<Record<string, string>> = {}) {
  const caFile = path.join(directory, 'ca.pem')
  fs.writeFileSync(caFile, '')
  const { config } = loadConfig(
    { FLINT_DATA_DIR: directory, FLINT_ENVOY_CA_FILE: caFile, ...env },
    directory,
  )
  const text = renderBootstrap(config, dataPaths(config.dataDir), 'the-instance')
  const { clusters } = (parse(text) as { static_resources: { clusters: Cluster[] } })
    .static_resources
  const hosts = virtualHostsOf(parse(text) as BootstrapTree)
  return {
    text,
    routes: JSON.parse(JSON.stringify(hosts.flatMap((host) => host.routes))) as Route[],
    caFile,
    cluster: (name: string) => clusters.find((cluster) => cluster.name === name),
  }
}

describe('Envoy’s bootstrap', () => {
  test('is filled to the last name and needs nothing of YAML’s that Envoy does not read', () => {
    const { text } = render()
    expect(text).not.toMatch(/\$\{/)
    expect(text).not.toMatch(/<<:|^\s*\S+: [&*]\w/m)
    for (const name of ['gate', 'observer', 'api', 'envoy-admin'])
      expect(text).toContain(path.join(directory, 'run', `${name}.sock`))
  })

  test('ends no download and no live list for its length, and gives every other answer its minute', () => {
    const { routes } = render()
    const apiRoutes = routes.filter(({ route }) => route?.cluster === 'flint_api')
    const routeOf = (url: string) =>
      apiRoutes.find(({ match }) =>
        match.safe_regex === undefined
          ? url.startsWith(match.prefix ?? 'none')
          : new RegExp(`^(?:${match.safe_regex.regex})$`).test(url),
      )?.route
    for (const url of ['/v1/audit/export', '/v1/audit/live', '/ui/v1/audit/export'])
      expect(routeOf(url)).toEqual({ cluster: 'flint_api', timeout: '0s', idle_timeout: '60s' })
    for (const url of ['/v1/audit', '/v1/audit/exports', '/v1/audit/export/x', '/x/v1/audit/live'])
      expect(routeOf(url)).toMatchObject({ timeout: '60s' })
  })

  test('speaks TLS to https providers, checked against the name, and plain HTTP where the upstream says so', () => {
    const { cluster, caFile } = render({
      FLINT_PROVIDERS_OPENAI_UPSTREAM: 'http://127.0.0.1:9999',
      FLINT_PROVIDERS_GEMINI_UPSTREAM: 'https://[::1]:8443',
    })
    expect(cluster('provider_openai')).not.toHaveProperty('transport_socket')
    expect(JSON.stringify(cluster('provider_openai')?.load_assignment)).toContain(
      '"address":"127.0.0.1","port_value":9999',
    )
    const tls = cluster('provider_anthropic')?.transport_socket?.typed_config
    expect(tls).toMatchObject({
      sni: 'api.anthropic.com',
      common_tls_context: {
        validation_context: {
          trusted_ca: { filename: caFile },
          match_typed_subject_alt_names: [{ matcher: { exact: 'api.anthropic.com' } }],
        },
      },
    })
    expect(JSON.stringify(cluster('provider_anthropic')?.load_assignment)).toContain(
      '"port_value":443',
    )
    expect(JSON.stringify(cluster('provider_gemini')?.load_assignment)).toContain(
      '"address":"::1","port_value":8443',
    )
  })

  test('answers with the catalogue’s own messages', () => {
    const { text } = render()
    for (const code of [
      'audit_unavailable',
      'upstream_error',
      'forbidden',
      'unknown_provider',
    ] as const)
      expect(text).toContain(ERRORS[code].message)
  })

  test('cannot be made when the certificate authorities are not where the setting says', () => {
    expect(() => render({ FLINT_ENVOY_CA_FILE: path.join(directory, 'gone.pem') })).toThrow(
      ConfigError,
    )
    expect(() => render({ FLINT_ENVOY_CA_FILE: path.join(directory, 'gone.pem') })).toThrow(
      /FLINT_ENVOY_CA_FILE.*gone\.pem/,
    )
    const plain = {
      FLINT_PROVIDERS_OPENAI_UPSTREAM: 'http://a',
      FLINT_PROVIDERS_ANTHROPIC_UPSTREAM: 'http://a',
      FLINT_PROVIDERS_GEMINI_UPSTREAM: 'http://a',
      FLINT_PROVIDERS_CHATGPT_UPSTREAM: 'http://a',
    }
    expect(() =>
      render({ ...plain, FLINT_ENVOY_CA_FILE: path.join(directory, 'gone.pem') }),
    ).not.toThrow()
  })
})

describe('the Envoy to run', () => {
  const find = (configuredPath: string | undefined, env: Readonly<Record<string, string>> = {}) =>
    findEnvoy({ configuredPath, env, say: () => {} })
  function executable(name: string, mode = 0o755): string {
    const file = path.join(directory, name)
    fs.writeFileSync(file, '#!/bin/sh\n')
    fs.chmodSync(file, mode)
    return file
  }

  test('is the configured one, else the one on PATH', async () => {
    const configured = executable('my-envoy')
    const onPath = executable('envoy')
    expect(await find(configured, { PATH: directory })).toBe(configured)
    expect(await find(undefined, { PATH: `/nowhere:${directory}` })).toBe(onPath)
  })

  test.each([
    ['is not there', (name: string) => path.join(directory, name)],
    ['cannot be run', (name: string) => executable(name, 0o644)],
    ['is a directory', () => directory],
  ])('is refused by its setting when it %s', async (_, make) => {
    await expect(find(make('envoy'))).rejects.toThrow(/FLINT_ENVOY_PATH/)
  })
})
