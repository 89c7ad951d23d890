import fs from 'node:fs'
import path from 'node:path'
import { type TSchema, Type } from 'typebox'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { activeProviders } from './active-providers.ts'
import { ConfigError } from './config-error.ts'
import { variableName } from './environment.ts'
import { describeConfig, loadConfig } from './load.ts'
import { ConfigSchema } from './schema.ts'

let directory: string
beforeEach(() => {
  directory = temporaryDirectory()
})

const load = (env: Record<string, string> = {}) => loadConfig(env, directory)
function write(name: string, text: string): string {
  const file = path.join(directory, name)
  fs.writeFileSync(file, text)
  return file
}
function refusal(act: () => unknown): ConfigError {
  try {
    act()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

interface Leaf {
  readonly path: readonly string[]
  readonly schema: TSchema
}

function leavesOf(schema: TSchema, at: readonly string[] = []): Leaf[] {
  if (!Type.IsObject(schema)) return [{ path: at, schema }]
  return Object.entries(schema.properties).flatMap(([key, member]) =>
    leavesOf(member, [...at, key]),
  )
}

/** A value other than the default that the schema allows. */
function anotherValue({ path: at, schema }: Leaf): unknown {
  const standard = 'default' in schema ? schema.default : undefined
  if (Type.IsInteger(schema)) return Number(standard ?? 0) + 1
  if (Type.IsBoolean(schema)) return standard !== true
  if (at.at(-1) === 'origins' || at.join('.') === 'clickhouse.hosts')
    return ['https://elsewhere.example']
  if (at.at(-1) === 'gateways' || at.at(-1) === 'sidecars') return ['spiffe://elsewhere/ns/a/*']
  if (Type.IsArray(schema) && at[1] === 'manifests') return ['elsewhere']
  if (Type.IsArray(schema)) return [{ provider: 'openai', model: 'gpt-*', discountPercent: 12.5 }]
  if (Type.IsRecord(schema)) return { staff: ['viewer'] }
  if (Type.IsUnion(schema)) {
    const allowed = schema.anyOf.flatMap((option) =>
      Type.IsLiteral(option) ? [String(option.const)] : [],
    )
    return allowed.find((value) => value !== standard) ?? ''
  }
  if (at[1] === 'manifests') return anotherOfManifests(at.at(-1) ?? '')
  if (at.at(-1) === 'dataDir') return '/somewhere/else'
  if ('pattern' in schema && String(schema.pattern).startsWith('^flnt_'))
    return 'flnt_live_elsewhere_elsewhere'
  return 'pattern' in schema && String(schema.pattern).startsWith('^http')
    ? 'https://elsewhere.example'
    : 'elsewhere_twenty_characters'
}

/** Files in a proxy, places in the mesh, names of Kubernetes. */
function anotherOfManifests(name: string): string {
  if (name.endsWith('File')) return '/elsewhere.pem'
  return name === 'gate' || name === 'observer' ? 'elsewhere.example:1234' : 'elsewhere'
}

const valueAt = (config: unknown, at: readonly string[]): unknown =>
  at.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null
        ? Object.entries(node).find(([name]) => name === key)?.[1]
        : undefined,
    config,
  )
const leaves = leavesOf(ConfigSchema).map((leaf) => [leaf.path.join('.'), leaf] as const)

describe('a setting', () => {
  test('needs no configuration at all', () => {
    expect(load()).toEqual({
      warnings: [],
      config: expect.objectContaining({
        host: '127.0.0.1',
        port: 8080,
        dataDir: path.join(directory, '.flint'),
        intentDurability: 'write',
        logLevel: 'info',
      }),
    })
    expect(activeProviders(load().config).named('openai')?.upstream).toBe('https://api.openai.com')
  })

  test.each(leaves)('%s can be set by the environment and by flint.yaml', (_, leaf) => {
    const value = anotherValue(leaf)
    expect(valueAt(load().config, leaf.path)).not.toEqual(value)
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    expect(valueAt(load({ [variableName(leaf.path)]: text }).config, leaf.path)).toEqual(value)
    write(
      'flint.yaml',
      JSON.stringify(leaf.path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)),
    )
    expect(valueAt(load().config, leaf.path)).toEqual(value)
  })

  test('for a proxy is asked for where only the environment names one, and providers need it', () => {
    expect(load({ HTTPS_PROXY: 'http://proxy:3128' }).warnings).toEqual([
      expect.stringContaining('FLINT_EGRESS_PROXY'),
    ])
    expect(
      load({ HTTPS_PROXY: 'http://proxy:3128', FLINT_EGRESS_PROXY: 'http://proxy:3128' }).warnings,
    ).toEqual([])
    const local = Object.fromEntries(
      ['OPENAI', 'ANTHROPIC', 'GEMINI', 'CHATGPT'].map((name) => [
        `FLINT_PROVIDERS_${name}_UPSTREAM`,
        'http://a',
      ]),
    )
    expect(load({ https_proxy: 'http://proxy:3128', ...local }).warnings).toEqual([])
  })

  test('has a variable of its own', () => {
    const names = leaves.map(([, leaf]) => variableName(leaf.path))
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining([
        'FLINT_PORT',
        'FLINT_DATA_DIR',
        'FLINT_PROVIDERS_OPENAI_UPSTREAM',
        'FLINT_CLICKHOUSE_URL',
        'FLINT_S3_BUCKET',
        'FLINT_ENVOY_PATH',
        'FLINT_LOG_LEVEL',
      ]),
    )
  })

  test('of the environment wins over flint.yaml, which wins over the default', () => {
    write(
      'flint.yaml',
      'port: 9000\nproviders:\n  openai: { upstream: "http://from-file" }\n  gemini: { upstream: "http://from-file" }\n',
    )
    const { config } = load({ FLINT_PROVIDERS_OPENAI_UPSTREAM: 'http://from-env' })
    expect(config.port).toBe(9_000)
    expect([
      activeProviders(config).named('openai')?.upstream,
      activeProviders(config).named('gemini')?.upstream,
      activeProviders(config).named('anthropic')?.upstream,
    ]).toEqual(['http://from-env', 'http://from-file', 'https://api.anthropic.com'])
  })

  test('may stand in a file that FLINT_CONFIG names; an empty one is none', () => {
    write('flint.yaml', 'port: 9000\n')
    expect(load({ FLINT_CONFIG: write('other.yaml', '# nothing\n') }).config.port).toBe(8080)
    expect(load({ FLINT_CONFIG: write('other.yaml', 'port: 9001') }).config.port).toBe(9001)
    expect(
      refusal(() => load({ FLINT_CONFIG: path.join(directory, 'gone.yaml') })).message,
    ).toContain('gone.yaml')
  })
})

describe('what is wrong is named', () => {
  test.each([
    ['FLINT_PROT', { FLINT_PROT: '1' }, 'FLINT_PROT'],
    ['FLINT_PORT', { FLINT_PORT: 'eighty' }, 'FLINT_PORT'],
    ['FLINT_PORT', { FLINT_PORT: '' }, 'FLINT_PORT'],
    ['FLINT_PORT', { FLINT_PORT: '0' }, 'port'],
    ['FLINT_PORT', { FLINT_PORT: '70000' }, 'port'],
    [
      'FLINT_PROVIDERS_OPENAI_UPSTREAM',
      { FLINT_PROVIDERS_OPENAI_UPSTREAM: 'api.openai.com' },
      'providers.openai.upstream',
    ],
    [
      'FLINT_PROVIDERS_OPENAI_UPSTREAM',
      { FLINT_PROVIDERS_OPENAI_UPSTREAM: 'https://api.openai.com/v1' },
      'providers.openai.upstream',
    ],
    ['write, fsync', { FLINT_INTENT_DURABILITY: 'maybe' }, 'intentDurability'],
    ['FLINT_SPOOL_MAX_BYTES', { FLINT_SPOOL_MAX_BYTES: '10' }, 'spool.maxBytes'],
    ['FLINT_PORT_FILE', { FLINT_PORT_FILE: '/etc/hostname' }, 'FLINT_PORT_FILE'],
  ])('in the environment: %s %j', (part, env, setting) => {
    const error = refusal(() => load(env))
    expect(error.message).toContain(part)
    expect(error.setting).toBe(setting)
  })

  test.each([
    ['prot: 1', 'prot', 'prot is not a setting'],
    [
      'providers: { opnai: { upstream: "http://x" } }',
      'providers.opnai.format',
      'FLINT_PROVIDERS_OPNAI_FORMAT) is missing: what it speaks, one of openai, anthropic',
    ],
    ['port: "8080"', 'port', 'FLINT_PORT'],
    ['port: 80.5', 'port', 'FLINT_PORT'],
    ['providers: 5', 'providers', 'providers'],
    ['envoy: { concurrency: 0 }', 'envoy.concurrency', 'FLINT_ENVOY_CONCURRENCY'],
    ['constructor: 1', 'constructor', 'constructor is not a setting'],
    ['logLevel: loud', 'logLevel', 'debug, info, warn, error'],
  ])('in flint.yaml: %s', (text, setting, part) => {
    write('flint.yaml', text)
    const error = refusal(() => load())
    expect(error.setting).toBe(setting)
    expect(error.message).toContain(part)
  })

  test('also the line of a flint.yaml that is no YAML', () => {
    write('flint.yaml', 'port: 8080\nhost: [\n')
    expect(refusal(() => load()).message).toMatch(/flint\.yaml:\d+: /)
    write('flint.yaml', '- port')
    expect(refusal(() => load()).message).toContain('must be a mapping')
  })
})

describe('Kubernetes', () => {
  test('puts service links beside a service called flint: ignored, with a warning each', () => {
    const links = {
      FLINT_PORT: 'tcp://10.0.0.1:8080',
      FLINT_SERVICE_HOST: '10.0.0.1',
      FLINT_SERVICE_PORT: '8080',
      FLINT_SERVICE_PORT_HTTP: '8080',
      FLINT_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      FLINT_PORT_8080_TCP_PROTO: 'tcp',
      FLINT_PORT_8080_TCP_PORT: '8080',
      FLINT_PORT_8080_TCP_ADDR: '10.0.0.1',
      FLINT_API_SERVICE_HOST: '10.0.0.2',
      FLINT_API_PORT: 'tcp://10.0.0.2:80',
      FLINT_API_PORT_80_TCP_ADDR: '10.0.0.2',
    }
    const { config, warnings } = load(links)
    expect(config).toEqual(load().config)
    expect(warnings).toHaveLength(Object.keys(links).length)
    expect(warnings.join('\n')).toContain('FLINT_PORT looks like')
  })

  test('and the guide’s variable for callers are no settings', () => {
    expect(load({ FLINT_API_KEY: 'flnt_live_x', PATH: '/bin', flint_port: '1' }).warnings).toEqual(
      [],
    )
  })
})

describe('secrets', () => {
  const secrets = leaves.filter(([, { schema }]) => 'secret' in schema)
  const canary = 'flnt_live_canarycanarycanary'

  test('are keys and passwords', () =>
    expect(secrets.map(([name]) => name)).toEqual([
      'bootstrapKey',
      'keyPepper',
      'previousKeyPepper',
      'operatorKey',
      'clickhouse.password',
      'clickhouse.adminPassword',
      's3.accessKeyId',
      's3.secretAccessKey',
      'oidc.clientSecret',
    ]))

  test.each(secrets)('%s may come from a file, and only from one place', (_, leaf) => {
    const file = write('secret', `${canary}\n`)
    const name = variableName(leaf.path)
    expect(valueAt(load({ [`${name}_FILE`]: file }).config, leaf.path)).toBe(canary)
    for (const env of [
      { [name]: 'a', [`${name}_FILE`]: file },
      { [`${name}_FILE`]: file, [name]: 'a' },
    ]) {
      const error = refusal(() => load(env))
      expect(error.message).toContain(`${name}_FILE and ${name} are both set`)
      expect(error.message).not.toContain(canary)
    }
    expect(
      refusal(() => load({ [`${name}_FILE`]: path.join(directory, 'gone') })).message,
    ).toContain(`${name}_FILE names a file that cannot be read`)
    expect(refusal(() => load({ [`${name}_FILE`]: write('empty', '\n') })).message).toContain(name)
  })

  test('that others would find by trying are refused', () => {
    for (const name of ['FLINT_OPERATOR_KEY', 'FLINT_BOOTSTRAP_KEY'])
      expect(refusal(() => load({ [name]: `flnt_${'abc'.repeat(20)}` })).message).toContain(
        `(${name}) is too easily guessed`,
      )
  })

  test('are masked where the configuration is shown, in URLs too', () => {
    const env = Object.fromEntries(secrets.map(([, leaf]) => [variableName(leaf.path), canary]))
    const shown = JSON.stringify(
      describeConfig(
        load({
          ...env,
          FLINT_CLICKHOUSE_URL: `http://flint:${canary}@store:8123/?password=${canary}`,
          FLINT_PROVIDERS_OPENAI_UPSTREAM: `https://me:${canary}@proxy`,
        }).config,
      ),
    )
    expect(shown).not.toContain(canary)
    expect(shown.match(/\(set\)/g)).toHaveLength(secrets.length + 3)
    expect(shown).toContain('"http://(set)@store:8123/?(set)"')
    expect(shown).toContain('"https://api.anthropic.com"')
  })
})
