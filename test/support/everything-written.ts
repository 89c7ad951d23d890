import fs from 'node:fs'
import path from 'node:path'
import { createStoreClient } from '../../src/store/client/client.ts'
import { embeddedEndpoint } from '../../src/store/embedded/credentials.ts'
import type { FlintUnderTest } from './flint.ts'

/**
 * Files of a directory that may change meanwhile: ClickHouse replaces parts while it merges,
 * delivery removes segments. `onVanished` hears of each directory that was gone before it was
 * listed.
 */
export function* filesBelow(
  directory: string,
  onVanished: (file: string) => void = () => {},
): Generator<string> {
  const entries = unlessVanished(() => fs.readdirSync(directory, { withFileTypes: true }))
  if (entries === null) onVanished(directory)
  for (const entry of entries ?? []) {
    const file = path.join(directory, entry.name)
    if (entry.isDirectory()) yield* filesBelow(file, onVanished)
    else if (entry.isFile()) yield file
  }
}

/** Null where the file or directory is not there any more. */
function unlessVanished<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

const MAX_WALKS = 50

/**
 * Calls `look` with every file's content. What vanished during a walk may live on in a file that
 * came after its directory was listed, so the walk is repeated until it misses nothing; a file may
 * be seen more than once. Returns how many files the last walk read.
 */
export function readAllBelow(
  directory: string,
  look: (file: string, content: Buffer) => void,
): number {
  let vanished: string[] = []
  for (let walk = 0; walk < MAX_WALKS; walk++) {
    vanished = []
    let read = 0
    for (const file of filesBelow(directory, (gone) => vanished.push(gone))) {
      const content = unlessVanished(() => fs.readFileSync(file))
      if (content === null) vanished.push(file)
      else {
        read += 1
        look(file, content)
      }
    }
    if (vanished.length === 0) return read
  }
  throw new Error(
    `${directory} changed during each of ${MAX_WALKS} walks, last: ${vanished.join(', ')}`,
  )
}

/**
 * Every row of every table as text: ClickHouse compresses its files, so that a search of the files
 * alone proves little.
 */
async function rowsAsText(flint: FlintUnderTest): Promise<string[]> {
  const endpoint = embeddedEndpoint(path.join(flint.dataDir, 'clickhouse'))
  if (!endpoint) throw new Error('no embedded ClickHouse')
  const store = createStoreClient({ ...endpoint, database: 'flint' })
  try {
    const tables = await store.rows({
      tag: 'search',
      sql: "SELECT name FROM system.tables WHERE database = 'flint' AND engine != 'View'",
    })
    return await Promise.all(
      tables.map(
        async ({ name }) =>
          `${name}: ${JSON.stringify(await store.rows({ tag: 'search', sql: `SELECT * FROM ${String(name)}` }))}`,
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

/** Where any of the needles stands in the files below these directories, or in these texts. */
export function leaksOf(
  needles: readonly string[],
  directories: readonly string[],
  texts: readonly string[],
): { leaks: string[]; searched: number } {
  const leaks = new Set<string>()
  const encoded = needles.map((needle) => Buffer.from(needle))
  let searched = 0
  for (const directory of directories)
    searched += readAllBelow(directory, (file, content) => {
      for (const needle of encoded)
        if (content.includes(needle))
          leaks.add(`${path.relative(directory, file)}: ${needle.toString().slice(0, 12)}`)
    })
  for (const text of texts)
    for (const needle of needles)
      if (text.includes(needle))
        leaks.add(`a text holds ${needle.slice(0, 12)}: ${text.slice(0, 200)}`)
  return { leaks: [...leaks], searched }
}
