/** A ClickHouse user that reads the records and events of one organisation. */
export interface SqlUser {
  readonly name: string
  readonly org: string
  /** Whether its views have previews and hashes of prompts. */
  readonly prompts: boolean
}

const NAME = /^[a-z][a-z0-9_]{0,31}$/

/** No hyphen: Flint's own users beside it have one. No quotes: it stands in XML and SQL. */
export const NAME_RULE = 'a lower-case letter, then at most 31 letters, digits and _'

export function isSqlUserName(text: string): boolean {
  return NAME.test(text)
}

/**
 * The database of a user's views. Views of its own database can hide no table of Flint's, and have
 * the names that the recipes of docs/sql.md use.
 */
export function viewDatabase(database: string, name: string): string {
  return `${database}_${name}`
}
