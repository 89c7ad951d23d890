import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderBootstrap } from '../../envoy/render-bootstrap.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { dataPaths } from '../config/data-paths.ts'
import { loadConfig } from '../config/load.ts'
import { checkProxy } from './check-proxy.ts'

let bootstrap: string
beforeAll(() => {
  const directory = temporaryDirectory()
  const { config } = loadConfig({ FLINT_DATA_DIR: directory }, directory)
  bootstrap = renderBootstrap(config, dataPaths(directory), 'test')
})

const BOOTSTRAP = 'type.googleapis.com/envoy.admin.v3.BootstrapConfigDump'
const LISTENERS = 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump'

/** What the checks say of our own chain with one text in it replaced, by the name of each check. */
function after(
  replaced: string | RegExp,
  by: string | ((found: string) => string),
  version = '1.40.0',
) {
  const text =
    typeof by === 'string' ? bootstrap.replace(replaced, by) : bootstrap.replace(replaced, by)
  if (replaced !== '') expect(text).not.toBe(bootstrap)
  const { static_resources } = parse(text) as { static_resources: object }
  const configDump = {
    configs: [
      { '@type': BOOTSTRAP, bootstrap: { static_resources } },
      { '@type': LISTENERS, static_listeners: static_resources },
    ],
  }
  const serverInfo = { version: `a06ff1b/${version}/Clean/RELEASE/BoringSSL` }
  return checkProxy({ serverInfo, configDump }, '1.40.0')
}

const verdicts = (findings: ReturnType<typeof after>) =>
  findings
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ check, verdict }) => `${check}: ${verdict}`)

test('Flint’s own chain has nothing to complain of, and each check is there once', () => {
  const findings = after('', '')
  expect(verdicts(findings)).toEqual([])
  expect(findings.map(({ check }) => check)).toEqual([
    ...['envoy.version', 'envoy.order', 'envoy.gate', 'envoy.observability_mode'],
    ...['envoy.allowed_headers', 'envoy.retries', 'envoy.closing'],
  ])
})

test('filters under the names that Envoy Gateway gives them are found', () => {
  const named = 'envoy.filters.http.ext_proc/envoyextensionpolicy/flint/flint-egress/extproc'
  const places = new Map([
    ['flint.auth', 0],
    ['flint.observe', 1],
  ])
  const findings = after(/flint\.(auth|observe)(?=\n|:)/g, (name) => `${named}/${places.get(name)}`)
  expect(verdicts(findings)).toEqual([])
  expect(findings.map(({ check }) => check)).toContain('envoy.order')
})

describe('a chain that someone changed', () => {
  test.each([
    [
      'a misspelt observability_mode',
      'observability_mode: true',
      'observabilty_mode: true',
      'envoy.observability_mode: problem',
    ],
    [
      'a gate that fails open',
      'failure_mode_allow: false',
      'failure_mode_allow: true',
      'envoy.gate: problem',
    ],
    [
      'a gate that is not listened to',
      'receiving_namespaces',
      'forwarding_namespaces',
      'envoy.gate: problem',
    ],
    ['no guard', /name: flint\.guard\n/, 'name: a.guard\n', 'envoy.order: problem'],
    [
      'the gate after the guard',
      /name: flint\.(auth|guard)\n/g,
      'name: flint.guard\n',
      'envoy.chain: problem',
    ],
    [
      'a key among the headers of the observer',
      'exact: content-type',
      'exact: Authorization',
      'envoy.allowed_headers: problem',
    ],
    [
      'headers by a pattern',
      'exact: content-type',
      'prefix: content',
      'envoy.allowed_headers: warning',
    ],
    ['every header', /allowed_headers:/g, 'no_headers:', 'envoy.allowed_headers: problem'],
    [
      'routes that retry',
      /( +)cluster: provider_openai\n/,
      '$1cluster: provider_openai\n$1retry_policy: { num_retries: 2 }\n',
      'envoy.retries: problem',
    ],
    [
      'no access log service',
      /HttpGrpcAccessLogConfig/g,
      'FileAccessLog',
      'envoy.closing: warning',
    ],
  ])('%s', (_, replaced, by, expected) => {
    expect(verdicts(after(replaced, by))).toContain(expected)
  })
})

test('an older Envoy is a warning, a newer one is none', () => {
  expect(verdicts(after('', '', '1.38.2'))).toEqual(['envoy.version: warning'])
  expect(verdicts(after('', '', '1.41.0'))).toEqual([])
})

test('an Envoy without the gate is a problem', () => {
  const findings = checkProxy({ serverInfo: {}, configDump: { configs: [] } }, '1.40.0')
  expect(verdicts(findings)).toEqual(['envoy.version: unknown', 'envoy.chain: problem'])
})

describe('filters that are off and switched on by route, as on a sidecar', () => {
  const retry_policy = { num_retries: 1 }
  const chain = (on: object, ofHost: object = {}) => ({
    '@type': 'x.HttpConnectionManager',
    stat_prefix: 'sidecar',
    http_filters: [{ name: 'flint.auth', disabled: true }],
    rds: { route_config_name: '80' },
    routes: {
      '@type': 'x.RouteConfiguration',
      name: '80',
      virtual_hosts: [
        { routes: [{ name: 'other', route: { retry_policy } }] },
        {
          typed_per_filter_config: { 'flint.auth': on },
          routes: [{ name: 'openai', route: { retry_policy } }],
          ...ofHost,
        },
      ],
    },
  })
  const found = (on: object, ofHost?: object) =>
    checkProxy({ serverInfo: {}, configDump: chain(on, ofHost) }, '1.40.0').find(
      ({ check }) => check === 'envoy.retries',
    )

  test('only routes that ask the gate may not retry', () => {
    expect(found({ overrides: {} })?.found).toBe('routes that retry calls: openai (sidecar)')
    expect(found({ disabled: true })?.verdict).toBe('ok')
  })

  test('retries of the virtual host count, unless the route has its own', () => {
    const routes = [
      { name: 'as-its-host', route: {} },
      { name: 'its-own', route: { retry_policy: { num_retries: 0 } } },
    ]
    expect(found({ overrides: {} }, { retry_policy, routes })?.found).toBe(
      'routes that retry calls: as-its-host (sidecar)',
    )
  })
})
