import { readFileSync } from 'node:fs'
import { type TSchema, Type } from 'typebox'
import { ConfigError } from './config-error.ts'
import { ConfigSchema, FurtherProvider } from './schema.ts'

/** One setting that the environment can name. */
interface Setting {
  readonly path: readonly string[]
  readonly schema: TSchema
}

/**
 * FLINT_PROVIDERS_OPENAI_UPSTREAM → ['providers', 'openai', 'upstream'], for every leaf of the
 * schema.
 */
function settingsByVariable(): Map<string, Setting> {
  const settings = new Map<string, Setting>()
  const visit = (schema: TSchema, path: readonly string[]) => {
    if (Type.IsObject(schema))
      for (const [key, member] of Object.entries(schema.properties)) visit(member, [...path, key])
    else settings.set(variableName(path), { path, schema })
  }
  visit(ConfigSchema, [])
  return settings
}

/** FLINT_PROVIDERS_AZURE_EU_UPSTREAM → ['providers', 'azure-eu', 'upstream']. */
function furtherProviderSetting(variable: string): Setting | undefined {
  const start = variableName(['providers', ''])
  if (!variable.startsWith(start)) return undefined
  for (const [key, schema] of Object.entries(FurtherProvider.properties)) {
    const end = variableName([key]).slice('FLINT'.length)
    const name = variable.slice(start.length, -end.length).toLowerCase().replaceAll('_', '-')
    if (variable.endsWith(end) && name !== '') return { path: ['providers', name, key], schema }
  }
  return undefined
}

export function variableName(path: readonly string[]): string {
  return `FLINT_${path
    .map((part) =>
      part
        .replace(/[A-Z]/g, (letter) => `_${letter}`)
        .replaceAll('-', '_')
        .toUpperCase(),
    )
    .join('_')}`
}

/**
 * What Kubernetes puts into every pod beside a service called flint: FLINT_PORT=tcp://…,
 * FLINT_SERVICE_HOST, FLINT_PORT_8080_TCP_ADDR, …
 */
function isServiceLink(name: string, value: string): boolean {
  return (
    /^FLINT_(?:[A-Z0-9_]{1,64}_)?SERVICE_(?:HOST|PORT)(?:_[A-Z0-9_]{1,64})?$/.test(name) ||
    /^FLINT_(?:[A-Z0-9_]{1,64}_)?PORT_\d{1,5}_(?:TCP|UDP)(?:_(?:ADDR|PORT|PROTO))?$/.test(name) ||
    /^(tcp|udp):\/\//.test(value)
  )
}

/** The variable of the users' guide that holds a caller's key; not a setting of Flint. */
const CALLERS_VARIABLE = 'FLINT_API_KEY'
/** What `npx flint sql users verify` logs in with; of no other use to Flint. */
export const SQL_USER_PASSWORD_VARIABLE = 'FLINT_SQL_USER_PASSWORD'
/** Read before any setting, because it says where the settings are. */
export const CONFIG_FILE_VARIABLE = 'FLINT_CONFIG'
const NOT_SETTINGS = [CALLERS_VARIABLE, SQL_USER_PASSWORD_VARIABLE, CONFIG_FILE_VARIABLE]

export interface EnvironmentSettings {
  readonly values: ReadonlyArray<readonly [path: readonly string[], value: unknown]>
  readonly warnings: readonly string[]
}

/**
 * Reads every FLINT_ variable; an unknown one is an error, because a misspelt setting that is
 * ignored is worse.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): EnvironmentSettings {
  const settings = settingsByVariable()
  const values: Array<readonly [readonly string[], unknown]> = []
  const warnings: string[] = []
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('FLINT_') || text === undefined || NOT_SETTINGS.includes(name)) continue
    if (isServiceLink(name, text)) {
      warnings.push(`${name} looks like a Kubernetes service link and is ignored`)
      continue
    }
    const direct = settings.get(name) ?? furtherProviderSetting(name)
    const fromFile = name.endsWith('_FILE')
      ? settings.get(name.slice(0, -'_FILE'.length))
      : undefined
    const setting = direct ?? (isSecret(fromFile?.schema) ? fromFile : undefined)
    if (!setting) throw new ConfigError(`${name} is not a setting of Flint`, name)
    if (!direct && env[variableName(setting.path)] !== undefined)
      throw new ConfigError(
        `${name} and ${variableName(setting.path)} are both set: keep one`,
        name,
      )
    values.push([setting.path, parse(direct ? text : readSecret(name, text), setting.schema, name)])
  }
  return { values, warnings }
}

function isSecret(schema: TSchema | undefined): boolean {
  return schema !== undefined && 'secret' in schema && schema.secret === true
}

function parse(text: string, schema: TSchema, name: string): unknown {
  if (Type.IsArray(schema)) return parseJson(text, name, 'list')
  if (Type.IsRecord(schema)) return parseJson(text, name, 'object')
  if (Type.IsBoolean(schema)) return parseBoolean(text, name)
  if (!Type.IsInteger(schema)) return text
  const number = Number(text)
  if (text.trim() === '' || !Number.isInteger(number))
    throw new ConfigError(`${name} must be a whole number`, name)
  return number
}

function parseBoolean(text: string, name: string): boolean {
  if (text !== 'true' && text !== 'false')
    throw new ConfigError(`${name} must be true or false`, name)
  return text === 'true'
}

/** Lists and maps are JSON in the environment; what they hold is checked with all the rest. */
function parseJson(text: string, name: string, kind: 'list' | 'object'): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConfigError(`${name} must be a JSON ${kind}`, name, { cause })
  }
}

function readSecret(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new ConfigError(`${name} names a file that cannot be read: ${file}`, name, { cause })
  }
}
