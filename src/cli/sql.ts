import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { connectStore } from '../installation.ts'
import { printable, textTable } from '../text-table.ts'
import { installation, say } from './running-flint.ts'
import { addSqlUserCommands } from './sql-users.ts'

export function addSqlCommand(program: Command): void {
  const command = program
    .command('sql')
    .description('ask ClickHouse one question; for the operator, over all organisations')
    .argument('<query>', 'a SELECT, e.g. "SELECT model, sum(cost_usd) FROM calls GROUP BY model"')
    .option('--json', 'one JSON object per row')
    .action(async (query: string, { json }: { json?: boolean }) => {
      const store = connectStore(installation())
      try {
        const rows = await store.rows({ tag: 'cli:sql', sql: query, settings: { readonly: '2' } })
        // What a terminal would obey is escaped in JSON as well: it reads the same.
        if (json) for (const row of rows) say(printable(JSON.stringify(row)))
        else
          say(
            textTable(
              Object.keys(rows[0] ?? {}),
              rows.map((row) =>
                Object.values(row).map((value) =>
                  typeof value === 'object' ? JSON.stringify(value) : String(value),
                ),
              ),
            ),
          )
      } catch (error) {
        // Show ClickHouse's message: the operator wrote the SQL.
        throw new ConfigError(error instanceof Error ? error.message : 'the query failed', 'query')
      } finally {
        await store.close()
      }
    })
  addSqlUserCommands(command)
}
