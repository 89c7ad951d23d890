/** What programs need to run at all: to find programs, folders, languages, certificates. */
const COMMON =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]{1,32}|TZ|TMPDIR|XDG_[A-Z_]{1,32}|LD_LIBRARY_PATH|SSL_CERT_(?:FILE|DIR))$/
const NODE = /^NODE_[A-Z_]{1,64}$/
const SETTING = /^FLINT_[A-Z0-9_]{1,128}$/
/** Of the S3 client, where its secrets are not among Flint's settings. */
const AWS = /^AWS_[A-Z0-9_]{1,64}$/

/**
 * Settings that hold a secret, or name the file that does, and the roles that need it; all others
 * need none of them.
 */
const SECRETS: ReadonlyArray<readonly [setting: RegExp, roles: readonly string[]]> = [
  // Only `flint up` itself makes the first organisation.
  [/^FLINT_BOOTSTRAP_KEY(?:_FILE)?$/, []],
  // The users' guide's name for a caller's key.
  [/^FLINT_API_KEY(?:_FILE)?$/, []],
  [/^FLINT_OPERATOR_KEY(?:_FILE)?$/, ['api']],
  [/^FLINT_CLICKHOUSE_PASSWORD(?:_FILE)?$/, ['gate', 'delivery', 'api']],
  [/^FLINT_S3_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY)(?:_FILE)?$/, ['delivery', 'api']],
]
const ROLES: readonly string[] = ['gate', 'observer', 'delivery', 'api']

/**
 * The environment of a child: by an allow-list, since the parent may have any secret in
 * theirs. Envoy and ClickHouse get no setting of Flint's, a role those that it reads.
 */
export function childEnvironment(name: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isRole = ROLES.includes(name)
  const isFor = (variable: string): boolean => {
    if (COMMON.test(variable)) return true
    // ClickHouse runs in a Node process, and Envoy is started by one.
    if (NODE.test(variable)) return true
    if (AWS.test(variable)) return name === 'delivery' || name === 'api'
    if (!isRole || !SETTING.test(variable)) return false
    return SECRETS.every(([setting, roles]) => !setting.test(variable) || roles.includes(name))
  }
  return Object.fromEntries(Object.entries(env).filter(([variable]) => isFor(variable)))
}
