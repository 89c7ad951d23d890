import { ClickHouseError } from '@clickhouse/client'

/**
 * A statement that did not succeed. Never holds rows, parameters, credentials or the server's text,
 * which may quote them.
 */
export class StoreError extends Error {
  /**
   * ClickHouse's numeric error code; null when the server was not reached or did not answer in
   * time.
   */
  readonly code: number | null
  /**
   * False only where the rows or the statement themselves are at fault: anything else may pass
   * later.
   */
  readonly retryable: boolean

  /** True where trying again soon is of no use. */
  get lasting(): boolean {
    return this.code !== null && LASTING.has(this.code)
  }

  constructor(message: string, { code, retryable }: { code: number | null; retryable: boolean }) {
    super(message)
    this.name = 'StoreError'
    this.code = code
    this.retryable = retryable
  }
}

/**
 * Codes that say "these rows will never fit". Everything else (no memory, no disk, too many parts,
 * read-only, a table not migrated yet, rights, unknown codes) keeps the rows in the spool: evidence
 * is not given up for a server's state.
 *
 * @see https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
 */
const ROWS_AT_FAULT: ReadonlySet<number> = new Set([
  6, // CANNOT_PARSE_TEXT
  25, // CANNOT_PARSE_ESCAPE_SEQUENCE
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  33, // CANNOT_READ_ALL_DATA
  38, // CANNOT_PARSE_DATE
  41, // CANNOT_PARSE_DATETIME
  53, // TYPE_MISMATCH
  69, // ARGUMENT_OUT_OF_BOUND
  70, // CANNOT_CONVERT_TYPE
  72, // CANNOT_PARSE_NUMBER
  117, // INCORRECT_DATA, an unknown field among others
  130, // CANNOT_READ_ARRAY_FROM_TEXT
  131, // TOO_LARGE_STRING_SIZE
  321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  376, // CANNOT_PARSE_UUID
  407, // DECIMAL_OVERFLOW
  467, // CANNOT_PARSE_BOOL
  675, // CANNOT_PARSE_IPV4
  676, // CANNOT_PARSE_IPV6
])

/**
 * Codes of a server that takes nothing for longer than a moment: trying every few seconds would
 * only add to its trouble.
 */
const LASTING: ReadonlySet<number> = new Set([
  164, // READONLY
  193, // WRONG_PASSWORD
  194, // REQUIRED_PASSWORD
  201, // QUOTA_EXCEEDED
  242, // TABLE_IS_READ_ONLY
  243, // NOT_ENOUGH_SPACE
  252, // TOO_MANY_PARTS
  291, // DATABASE_ACCESS_DENIED
  497, // ACCESS_DENIED
  516, // AUTHENTICATION_FAILED
])

/** Turns whatever the client threw into a StoreError; `doing` names the statement (its tag). */
export function toStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error
  if (error instanceof ClickHouseError) {
    const code = Number(error.code)
    return new StoreError(
      `ClickHouse refused ${doing}: ${error.type ?? 'error'} (code ${error.code})`,
      {
        code,
        retryable: !ROWS_AT_FAULT.has(code),
      },
    )
  }
  const reason =
    error instanceof Error
      ? 'code' in error && typeof error.code === 'string'
        ? error.code
        : error.name
      : 'unknown'
  return new StoreError(`ClickHouse did not answer ${doing} (${reason})`, {
    code: null,
    retryable: true,
  })
}
