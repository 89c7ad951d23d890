import { text } from 'node:stream/consumers'
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { toStoreError } from '../client/store-error.ts'

/** What ClickHouse said to one statement: the rows as tab-separated text, or why not. */
type UserAnswer =
  | { readonly answered: true; readonly rows: string }
  | { readonly answered: false; readonly code: number; readonly name: string }

/** ClickHouse as a user of its own reaches it: no setting goes along that is not asked for. */
export interface UserConnection {
  /** Rejects with a StoreError where there was no answer. */
  ask(sql: string, settings?: Readonly<Record<string, string>>): Promise<UserAnswer>
  close(): Promise<void>
}

interface UserConnectionOptions {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly database: string
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export function connectAsUser({
  headers = {},
  timeoutMs = 90_000,
  ...endpoint
}: UserConnectionOptions): UserConnection {
  const client = createClient({
    ...endpoint,
    http_headers: { ...headers },
    request_timeout: timeoutMs,
    application: 'flint-audit',
    // The client's own logger prints statements to the console.
    log: { level: ClickHouseLogLevel.OFF },
  })
  return {
    async ask(sql, settings = {}) {
      try {
        // An error after the first byte of a 200 would be taken for an answer.
        const wait = { wait_end_of_query: 1 as const }
        const { stream } = await client.exec({
          query: sql,
          clickhouse_settings: { ...wait, ...settings },
        })
        return { answered: true, rows: (await text(stream)).trimEnd() }
      } catch (error) {
        if (!(error instanceof ClickHouseError)) throw toStoreError(error, 'sql-user')
        return { answered: false, code: Number(error.code), name: error.type ?? 'error' }
      }
    },
    close: () => client.close(),
  }
}
