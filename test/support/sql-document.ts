import fs from 'node:fs'
import path from 'node:path'
import { PROJECT } from './flint.ts'
import { blocksOf } from './sdks-document.ts'

interface Recipe {
  /** The heading that the query stands under. */
  readonly question: string
  readonly sql: string
}

interface Column {
  readonly name: string
  readonly type: string
  /** When it is null; `never` where it cannot be. */
  readonly whenNull: string
}

const text = fs.readFileSync(path.join(PROJECT, 'docs/sql.md'), 'utf8')
const USER_SECTION = 'By hand'

const queries = text.split(/^#+ /m).flatMap((section) => {
  const question = section.split('\n', 1)[0] ?? ''
  return blocksOf(section)
    .filter(({ language }) => language === 'sql')
    .map(({ code }): Recipe => ({ question, sql: code }))
})

/** Queries of docs/sql.md, in its order. */
export const recipes: readonly Recipe[] = queries.filter(
  ({ question }) => question !== USER_SECTION,
)

/** What an administrator runs there, statement by statement. */
export const userStatements: readonly string[] = queries
  .filter(({ question }) => question === USER_SECTION)
  .flatMap(({ sql }) => sql.split(';'))
  .map((statement) => statement.trim())
  .filter((statement) => statement !== '')

/** The table of the columns of `calls`. */
export const documentedColumns: readonly Column[] = [
  ...text.matchAll(/^\| `(\w+)` \| (.+?) \| .+? \| ([^|]+) \|$/gm),
].map(([, name = '', type = '', whenNull = '']) => ({ name, type, whenNull }))
