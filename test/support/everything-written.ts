import fs from 'node:fs'
import path from 'node:path'
import { createStoreClient } from '../../src/store/client.ts'
import { embeddedEndpoint } from '../../src/store/embedded-credentials.ts'
import type { FlintUnderTest } from './flint.ts'

export function* filesBelow(directory: string): Generator<string> {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name)
    if (entry.isDirectory()) yield* filesBelow(file)
    else if (entry.isFile()) yield file
  }
}

/** Every row of every table as text: ClickHouse compresses its files, so that a search of the files alone proves little. */
export async function rowsAsText(flint: FlintUnderTest): Promise<string[]> {
  const endpoint = embeddedEndpoint(path.join(flint.dataDir, 'clickhouse'))
  if (!endpoint) throw new Error('no embedded ClickHouse')
  const store = createStoreClient({ ...endpoint, database: 'flint' })
  try {
    const tables = await store.rows({ tag: 'search', sql: "SELECT name FROM system.tables WHERE database = 'flint' AND engine != 'View'" })
    return await Promise.all(
      tables.map(
        async ({ name }) => `${name}: ${JSON.stringify(await store.rows({ tag: 'search', sql: `SELECT * FROM ${String(name)}` }))}`,
      ),
    )
  } finally {
    await store.close()
  }
}

/** What a running Flint says of itself besides its records. */
export async function saidByFlint(flint: FlintUnderTest): Promise<string[]> {
  return [
    ...(await rowsAsText(flint)),
    await flint.cli('metrics'),
    await flint.cli('keys', 'list', '--json'),
    await flint.cli('events', '--json'),
    await flint.cli('config'),
    flint.output(),
  ]
}

/** Where any of the words stands in the files below these directories, or in these texts. */
export function leaksOf(
  words: readonly string[],
  directories: readonly string[],
  texts: readonly string[],
): { leaks: string[]; searched: number } {
  const leaks: string[] = []
  const needles = words.map((word) => Buffer.from(word))
  let searched = 0
  for (const directory of directories)
    for (const file of filesBelow(directory)) {
      const content = fs.readFileSync(file)
      searched += 1
      for (const needle of needles)
        if (content.includes(needle)) leaks.push(`${path.relative(directory, file)}: ${needle.toString().slice(0, 12)}`)
    }
  for (const text of texts)
    for (const word of words) if (text.includes(word)) leaks.push(`a text holds ${word.slice(0, 12)}: ${text.slice(0, 200)}`)
  return { leaks, searched }
}
