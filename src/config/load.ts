import fs from 'node:fs'
import path from 'node:path'
import { Value } from 'typebox/value'
import { LineCounter, parseDocument } from 'yaml'
import type { ActiveProviders } from '../providers/active-providers.ts'
import { activeProviders } from './active-providers.ts'
import { ConfigError } from './config-error.ts'
import { CONFIG_FILE_VARIABLE, readEnvironment, variableName } from './environment.ts'
import { type Config, ConfigSchema } from './schema.ts'

export interface LoadedConfig {
  readonly config: Config
  readonly warnings: readonly string[]
}

/**
 * Defaults < flint.yaml < environment. `FLINT_CONFIG` names another file; without it ./flint.yaml
 * is read where it exists.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  workingDirectory = process.cwd(),
): LoadedConfig {
  const named = env[CONFIG_FILE_VARIABLE]
  const file = path.resolve(workingDirectory, named ?? 'flint.yaml')
  const fromFile = named !== undefined || fs.existsSync(file) ? readFile(file) : {}
  const { values, warnings: ofEnvironment } = readEnvironment(env)
  const warnings = [...ofEnvironment]
  for (const [keys, value] of values) assign(fromFile, keys, value)
  const candidate = Value.Default(ConfigSchema, withEmptyProviders(fromFile))
  const problems = Value.Errors(ConfigSchema, candidate)
  if (problems.length > 0) throw asConfigError(problems)
  const config = Value.Decode(ConfigSchema, candidate)
  for (const setting of ['bootstrapKey', 'operatorKey'] as const)
    refuseGuessable(setting, config[setting])
  const providers = activeProviders(config)
  warnings.push(...unusedProxy(env, config, providers))
  return {
    config: { ...config, dataDir: path.resolve(workingDirectory, config.dataDir) },
    warnings,
  }
}

/**
 * Programs that obey HTTPS_PROXY lead people to think that all do; Envoy does not, and its calls
 * end in 502 where no other way is open.
 */
function unusedProxy(
  env: Readonly<Record<string, string | undefined>>,
  config: Config,
  { all }: ActiveProviders,
): string[] {
  const name = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'].find(
    (variable) => env[variable],
  )
  const isNeeded = all.some(({ upstream }) => upstream.startsWith('https:'))
  if (name === undefined || !isNeeded || config.egress.proxy !== undefined) return []
  return [
    `${name} is set and not used for calls to providers: set egress.proxy (FLINT_EGRESS_PROXY) if they are reached through it`,
  ]
}

/** Fewer different characters are a dictionary entry or one key held down, however long. */
const MIN_DIFFERENT_CHARACTERS = 8

function refuseGuessable(setting: string, key: string | undefined): void {
  if (key !== undefined && new Set(key.replace(/^flnt_/, '')).size < MIN_DIFFERENT_CHARACTERS)
    throw new ConfigError(
      `${setting} (${variableName([setting])}) is too easily guessed: use a random text`,
      setting,
    )
}

/** The effective configuration for people to read: secrets are masked. */
export function describeConfig(config: Config): unknown {
  const mask = (schema: unknown, value: unknown): unknown => {
    if (typeof schema !== 'object' || schema === null || value === undefined) return value
    if ('secret' in schema && schema.secret === true) return '(set)'
    if ('properties' in schema && typeof value === 'object' && value !== null) {
      const properties = schema.properties as Record<string, unknown>
      return Object.fromEntries(
        Object.entries(value).map(([key, member]) => [key, mask(properties[key], member)]),
      )
    }
    return typeof value === 'string' ? withoutCredentials(value) : value
  }
  return mask(ConfigSchema, config)
}

/** A URL may carry credentials of its own: before its host, or in its query. */
function withoutCredentials(text: string): string {
  const url = text.includes('://') && URL.canParse(text) ? new URL(text) : null
  if (url === null || (url.username === '' && url.password === '' && url.search === '')) return text
  const user = url.username === '' && url.password === '' ? '' : '(set)@'
  return `${url.protocol}//${user}${url.host}${url.pathname}${url.search === '' ? '' : '?(set)'}`
}

function readFile(file: string): Record<string, unknown> {
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(`${file} cannot be read`, CONFIG_FILE_VARIABLE, { cause })
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const problem = document.errors[0]
  if (problem)
    throw new ConfigError(
      `${file}:${lines.linePos(problem.pos[0]).line}: ${problem.message.split('\n')[0]}`,
      file,
    )
  let value: unknown
  try {
    value = document.toJS()
  } catch {
    throw new ConfigError(
      `${file}: it names an alias (*…) that is not there, or too many of them`,
      file,
    )
  }
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw new ConfigError(`${file} must be a mapping of settings`, file)
  return value as Record<string, unknown>
}

/** `groq:` with nothing behind it is null in YAML: a provider all of whose settings are known. */
function withEmptyProviders(settings: Record<string, unknown>): Record<string, unknown> {
  const { providers } = settings
  if (typeof providers !== 'object' || providers === null) return settings
  const filled = Object.entries(providers).map(([name, value]) => [name, value ?? {}])
  return { ...settings, providers: Object.fromEntries(filled) }
}

function assign(target: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  let node = target
  for (const key of keys.slice(0, -1)) {
    const child = node[key]
    const next =
      typeof child === 'object' && child !== null && !Array.isArray(child)
        ? (child as Record<string, unknown>)
        : {}
    node[key] = next
    node = next
  }
  const last = keys.at(-1)
  if (last !== undefined) node[last] = value
}

/** The first problem, said in terms of settings. */
function asConfigError(problems: ReturnType<typeof Value.Errors>): ConfigError {
  const problem = problems[0]
  const setting = problem?.instancePath.split('/').filter((part) => part !== '') ?? []
  const name = setting.join('.')
  // typebox says `schema is false` of a member that additionalProperties: false forbids.
  if (problem?.keyword === 'boolean')
    return new ConfigError(`${name} is not a setting of Flint`, name)
  const allowed = problems.flatMap((other) =>
    other.keyword === 'const' && other.instancePath === problem?.instancePath
      ? [String(other.params.allowedValue)]
      : [],
  )
  const wish =
    allowed.length > 0
      ? `must be one of: ${allowed.join(', ')}`
      : (problem?.message ?? 'is not valid')
  return new ConfigError(`${name} (${variableName(setting)}) ${wish}`, name)
}
