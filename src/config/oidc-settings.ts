import net from 'node:net'
import { ConfigError } from './config-error.ts'
import { variableName } from './environment.ts'
import type { Config } from './schema.ts'

/** What signing in by OpenID Connect needs, all of it. */
export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Of the provider, on the button. */
  readonly name: string
  /** Id of the organisation that its users belong to. */
  readonly org: string
  readonly scope: string
  readonly roleClaim: string
  readonly roles: Config['oidc']['roles']
}

const NEEDED = ['issuer', 'clientId', 'clientSecret', 'org'] as const

/**
 * Null where nothing of it is set. Throws ConfigError with the setting that is missing or that
 * cannot work with the others.
 */
export function oidcSettings({
  oidc,
  host,
  dashboard,
}: Pick<Config, 'oidc' | 'host' | 'dashboard'>): OidcSettings | null {
  const { issuer, clientId, clientSecret, org, name, scope, roleClaim, roles } = oidc
  const isSet = NEEDED.some((setting) => oidc[setting] !== undefined)
  if (!isSet && Object.keys(roles).length === 0) return null
  if (
    issuer === undefined ||
    clientId === undefined ||
    clientSecret === undefined ||
    org === undefined
  ) {
    const missing = NEEDED.find((setting) => oidc[setting] === undefined) ?? 'issuer'
    throw refused(missing, 'is missing: signing in by OpenID Connect needs it')
  }
  const url = new URL(issuer)
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw refused('issuer', 'must begin with https://')
  if (Object.keys(roles).length === 0)
    throw refused('roles', 'is missing: without it no one who signs in may see anything')
  if (dashboard.publicUrl === undefined && !isLoopback(host))
    throw new ConfigError(
      `dashboard.publicUrl (${variableName(['dashboard', 'publicUrl'])}) is missing: with oidc.issuer set, it is the https address to which people come back from their identity provider`,
      'dashboard.publicUrl',
    )
  if (!scope.split(' ').includes('openid')) throw refused('scope', 'must hold openid')
  return {
    ...{ issuer, clientId, clientSecret, org, scope, roleClaim, roles },
    name: name ?? url.host,
  }
}

function refused(setting: string, wish: string): ConfigError {
  const path = ['oidc', setting]
  return new ConfigError(`${path.join('.')} (${variableName(path)}) ${wish}`, path.join('.'))
}

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '')
  return name === 'localhost' || name === '::1' || (net.isIPv4(name) && name.startsWith('127.'))
}
