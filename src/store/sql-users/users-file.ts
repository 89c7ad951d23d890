import type { Limits } from './limits.ts'
import { identifier } from './quoting.ts'
import type { UserRights, ViewRights } from './rights.ts'

/** Elements of a `users.xml`: children of `profiles`, `quotas` and `users`. */
interface UsersFile {
  readonly profiles: string
  readonly quotas: string
  readonly users: string
}

/**
 * The same rights for an engine that makes no users at run time. `hash`: hex of SHA-256 of the
 * password. Definers get one that no password has.
 */
export function renderUsersFile(
  { user, viewDatabase, views }: UserRights,
  limits: Limits,
  hash: string,
): UsersFile {
  const own = views.map(({ name }) => `GRANT SELECT ON ${identifier(viewDatabase)}.${name}`)
  return {
    profiles: element(user, renderProfile(limits)),
    quotas: element(
      user,
      element('interval', element('duration', '3600') + elements(limits.quota)),
    ),
    users: [
      element(
        user,
        [
          element('password_sha256_hex', hash),
          element('networks', element('ip', '127.0.0.1')),
          element('default_database', viewDatabase),
          element('profile', user),
          element('quota', user),
          renderGrants(own),
        ].join(''),
      ),
      ...views.map(renderDefiner),
    ].join('\n'),
  }
}

function renderProfile({ settings }: Limits): string {
  const values = settings.flatMap(({ name, value }) =>
    value === null ? [] : [element(name, String(value))],
  )
  const constraints = settings.map(({ name, value, client }) => {
    const range = client === 'lower' ? elements({ min: 1, max: Number(value) }) : ''
    return element(name, `${range}${client === 'nothing' ? '<const/>' : CHANGEABLE}`)
  })
  return values.join('') + element('constraints', constraints.join(''))
}

const CHANGEABLE = '<changeable_in_readonly/>'

function renderDefiner({ definer, reads }: ViewRights): string {
  const policies = reads.flatMap(({ database, table, rows }) =>
    rows === null ? [] : [{ database, filter: element(table, element('filter', xml(rows))) }],
  )
  // An element that stands twice has another name for the engine the second time.
  const databases = [...new Set(policies.map(({ database }) => database))].map((name) =>
    element(
      name,
      policies.flatMap(({ database, filter }) => (database === name ? [filter] : [])).join(''),
    ),
  )
  const grants = reads.map(
    ({ database, table, columns }) => `GRANT SELECT(${columns.join(', ')}) ON ${database}.${table}`,
  )
  return element(
    definer,
    [
      element('password_sha256_hex', '0'.repeat(64)),
      element('networks', ''),
      element('profile', 'default'),
      element('quota', 'default'),
      renderGrants(grants),
      element('databases', databases.join('')),
    ].join(''),
  )
}

function renderGrants(grants: readonly string[]): string {
  return element('grants', grants.map((grant) => element('query', xml(grant))).join(''))
}

function elements(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => element(name, String(value)))
    .join('')
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
