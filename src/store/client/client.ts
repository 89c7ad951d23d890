import http from 'node:http'
import type { Readable } from 'node:stream'
import { ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client'
import type { StoreEndpoint } from '../embedded/credentials.ts'
import { answerStream, FAULT_TAG_HEADER } from './answer-stream.ts'
import { StoreError, toStoreError } from './store-error.ts'

/** A value bound to `{name:Type}`: never part of the statement's text. */
export type Parameter = string | number | boolean | null | readonly (string | number)[]

interface Statement {
  /** Short name, in ClickHouse's `log_comment` and in error messages. */
  readonly tag: string
  readonly sql: string
  readonly params?: Readonly<Record<string, Parameter>>
  readonly settings?: ClickHouseSettings
  readonly signal?: AbortSignal
}

/** The one door to ClickHouse. Every failure is a StoreError. */
export interface StoreClient {
  readonly database: string
  /**
   * One client per shard, whose statements see the rows that lie there and no others; always the
   * same objects. Of a single server itself.
   */
  shards(): Promise<readonly StoreClient[]>
  /**
   * One client per server, the replicas of a shard each, also of those that do not answer. Of a
   * single server itself.
   */
  servers(): Promise<readonly StoreClient[]>
  /**
   * Creates the database where it is missing: a client of a database that is not there can run
   * nothing.
   */
  ensureDatabase(): Promise<void>
  /**
   * Rows as ClickHouse's JSONEachRow gives them; 64-bit numbers are JSON numbers, decimals are
   * text.
   */
  rows(statement: Statement): Promise<Record<string, unknown>[]>
  /**
   * The bytes of a SELECT that names its FORMAT, while ClickHouse makes them, as fast as they are
   * read and no faster, for as long as that takes. Rejects where the statement fails before its
   * first megabyte; destroyed with a StoreError where it fails later. Ended with its reader.
   */
  stream(statement: Statement): Promise<Readable>
  /** A statement without rows; resolves when it is done, not when it is accepted. */
  run(statement: Statement): Promise<void>
  /** An INSERT whose rows are the body as it stands. */
  insert(statement: Statement, body: Readable): Promise<void>
  /** Whether the database can be used; never rejects. */
  ping(): Promise<boolean>
  close(): Promise<void>
}

interface StoreClientOptions extends StoreEndpoint {
  readonly database?: string
  readonly timeoutMs?: number
  readonly maxConnections?: number
  /** Of every statement. */
  readonly settings?: ClickHouseSettings
  /** Of the server, in messages; where there are several. */
  readonly name?: string
}

const LONGEST_STREAM_MS = 86_400_000

/** `database` must be a plain identifier, because CREATE DATABASE cannot bind it. */
export function createStoreClient({
  url,
  username,
  password,
  headers,
  socketPath,
  database = 'flint',
  timeoutMs = 30_000,
  maxConnections = 10,
  settings: ownSettings = {},
  name,
}: StoreClientOptions): StoreClient {
  if (!/^[a-z_][a-z0-9_]{0,62}$/i.test(database))
    throw new Error(`"${database}" is not a usable ClickHouse database name`)
  const options = {
    url,
    username,
    password,
    http_headers: { ...headers },
    request_timeout: timeoutMs,
    max_open_connections: maxConnections,
    ...(socketPath === undefined ? {} : { http_agent: socketAgent(socketPath, maxConnections) }),
    application: 'flint-audit',
    // The client's own logger prints statements and parameters to the console.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      async_insert: 0,
      // Only evidence names its batches; a settled hour written again after a loss must not be
      // taken for a repetition.
      insert_deduplicate: 0,
      // An error after the first byte of a 200 would be taken for success.
      wait_end_of_query: 1,
      // Until then the answer waits in memory; without this setting, in a file that is made and
      // deleted for every query. What is longer than this still goes to a file.
      http_response_buffer_size: '1048576',
      output_format_json_quote_64bit_integers: 0,
      output_format_json_quote_decimals: 1,
      // A statement whose caller has gone must not go on eating the two cores.
      cancel_http_readonly_queries_on_client_close: 1,
      max_execution_time: Math.ceil(timeoutMs / 1000),
      ...ownSettings,
    },
  } satisfies Parameters<typeof createClient>[0]
  const client = createClient({ ...options, database })
  // Their connections are their own, because they are held for minutes, and stand still while a
  // slow reader reads.
  const streams = createClient({
    ...options,
    database,
    request_timeout: LONGEST_STREAM_MS,
    ...(socketPath === undefined ? {} : { http_agent: socketAgent(socketPath, maxConnections) }),
    clickhouse_settings: {
      ...options.clickhouse_settings,
      wait_end_of_query: 0,
      max_execution_time: 0,
      http_send_timeout: LONGEST_STREAM_MS / 1_000,
    },
  })

  const fault = (error: unknown, tag: string) =>
    toStoreError(error, name === undefined ? tag : `${tag} on ${name}`)
  const request = ({ tag, sql, params, settings, signal }: Statement) => ({
    query: sql,
    ...(params === undefined ? {} : { query_params: { ...params } }),
    ...(signal === undefined ? {} : { abort_signal: signal }),
    clickhouse_settings: { log_comment: JSON.stringify({ app: 'flint', tag }), ...settings },
  })

  return {
    database,
    async shards() {
      return [this]
    },
    async servers() {
      return [this]
    },
    async ensureDatabase() {
      // Asked first: on a shared server the user may use the database without the right to create
      // one.
      if (await this.ping()) return
      const outside = createClient({ ...options, database: 'default' })
      try {
        await outside.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` })
      } catch (error) {
        throw fault(error, 'create-database')
      } finally {
        await outside.close()
      }
    },
    async rows(statement) {
      try {
        const { clickhouse_settings, ...rest } = request(statement)
        // Only what is declared to read is ended when its requester closes the connection.
        const settings = { ...clickhouse_settings, readonly: '2' as const }
        const result = await client.query({
          ...rest,
          clickhouse_settings: settings,
          format: 'JSONEachRow',
        })
        return await result.json<Record<string, unknown>>()
      } catch (error) {
        throw fault(error, statement.tag)
      }
    },
    async stream(statement) {
      try {
        const { clickhouse_settings, ...rest } = request(statement)
        const settings = { ...clickhouse_settings, readonly: '2' as const }
        const answer = await streams.exec({ ...rest, clickhouse_settings: settings })
        const tag = answer.response_headers[FAULT_TAG_HEADER]
        if (typeof tag === 'string') return answerStream(answer.stream, tag, statement.tag)
        // Without it a broken answer could pass for a whole one.
        answer.stream.destroy()
        throw new StoreError('ClickHouse is older than 25.11 and does not mark broken answers', {
          code: null,
          retryable: true,
        })
      } catch (error) {
        throw fault(error, statement.tag)
      }
    },
    async run(statement) {
      try {
        await client.command(request(statement))
      } catch (error) {
        throw fault(error, statement.tag)
      }
    },
    async insert(statement, body) {
      try {
        const { stream } = await client.exec({ ...request(statement), values: body })
        stream.resume()
      } catch (error) {
        throw fault(error, statement.tag)
      }
    },
    async ping() {
      // A query in the database: /ping answers also where the password, the secret header or the
      // database is wrong.
      try {
        await this.rows({ tag: 'ping', sql: 'SELECT 1' })
        return true
      } catch {
        return false
      }
    },
    async close() {
      await Promise.all([client.close(), streams.close()])
    },
  }
}

/** Connections to a Unix socket, whatever host a request names. */
function socketAgent(socketPath: string, maxSockets: number): http.Agent {
  // Agents hand their options on to each request, `socketPath` among them; the types know hosts and
  // ports only.
  const options: http.AgentOptions & Pick<http.RequestOptions, 'socketPath'> = {
    keepAlive: true,
    maxSockets,
    socketPath,
  }
  return new http.Agent(options)
}
