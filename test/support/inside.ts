import { METERED_ROLES, readMetrics } from '../../src/cli/read-socket.ts'
import { dataPaths } from '../../src/config/data-paths.ts'
import { loadConfig } from '../../src/config/load.ts'
import { connectStore, openInstallation } from '../../src/installation.ts'

/**
 * What a test asks of a running Flint again and again, without a command (and its start of half a
 * second of a core) for each question.
 */

/** Rows of the operator's question; what `flint sql --json` prints, line by line. */
export async function rowsOf<Row>(
  env: Readonly<Record<string, string>>,
  query: string,
): Promise<Row[]> {
  const store = connectStore(openInstallation(loadConfig(env).config))
  try {
    return (await store.rows({ tag: 'test', sql: query, settings: { readonly: '2' } })) as Row[]
  } finally {
    await store.close()
  }
}

/** Every number that `flint metrics` prints for this data directory. */
export async function metricsIn(dataDir: string): Promise<Map<string, number>> {
  const values = new Map<string, number>()
  for (const role of METERED_ROLES) {
    const text = (await readMetrics(dataPaths(dataDir), role)) ?? ''
    for (const line of text.split('\n')) {
      const match = /^(flint_[a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line)
      if (match?.[1]) values.set(match[1], Number(match[2]))
    }
  }
  return values
}
