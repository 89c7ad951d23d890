import { literal } from './quoting.ts'
import { type SqlUser, viewDatabase } from './sql-user.ts'
import { callColumns, EVENT_COLUMNS } from './view-columns.ts'

/**
 * What a user may read, in full; `statements.ts` says it to a server, `users-file.ts` to an engine
 * that knows users from its configuration alone.
 */
export interface UserRights {
  readonly user: string
  /** Of the views, and of the user when it logs in. */
  readonly viewDatabase: string
  readonly views: readonly ViewRights[]
}

/** One view, and the user with whose rights it reads. */
export interface ViewRights {
  readonly name: string
  /**
   * A user that can never log in. A view reads with the rights of its definer, whatever a query
   * pushes into it, so the definer has those that the view needs and no more. Its hyphen keeps it
   * apart from every user of a person.
   */
  readonly definer: string
  readonly columns: readonly string[]
  /** Flint's table or view behind it. */
  readonly from: string
  /** Condition of the view itself, beside that of the row policies. */
  readonly rows: string
  readonly reads: readonly TableRights[]
}

interface TableRights {
  readonly database: string
  readonly table: string
  readonly columns: readonly string[]
  /** Condition of the row policy; null of a view, whose tables have theirs. */
  readonly rows: string | null
}

/** `database`: Flint's own, `clickhouse.database`. */
export function rightsOf({ name, org, prompts }: SqlUser, database: string): UserRights {
  const ofOrg = `org = ${literal(org)}`
  const columns = callColumns(prompts)
  const read = (table: string, of: readonly string[], rows: string | null = null) => ({
    database,
    table,
    columns: of,
    rows,
  })
  return {
    user: name,
    viewDatabase: viewDatabase(database, name),
    views: [
      {
        name: 'calls',
        definer: `${name}-calls`,
        columns,
        from: `${database}.calls`,
        rows: ofOrg,
        reads: [
          read('calls', columns),
          read(
            'calls_settled',
            columns.filter((column) => column !== 'expires_at'),
            ofOrg,
          ),
          read('settings_in_force', ['org', 'retention_days']),
          read('holds_in_force', ['org']),
          // The state of settings and holds is no secret; that of keys is, and behind the policy.
          read(
            'identity_events',
            ['subject_kind', 'org', 'at', 'id', 'subject', 'state'],
            `${ofOrg} AND subject_kind IN ('settings', 'hold')`,
          ),
        ],
      },
      {
        name: 'identity_events',
        definer: `${name}-events`,
        columns: EVENT_COLUMNS,
        from: `${database}.identity_events`,
        rows: ofOrg,
        reads: [read('identity_events', EVENT_COLUMNS, ofOrg)],
      },
    ],
  }
}
