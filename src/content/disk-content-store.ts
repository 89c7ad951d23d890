import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { ContentStore } from './content-store.ts'

/** Content as files below `root` (0700, files 0600): the same keys as in a bucket. */
export function createDiskContentStore(root: string): ContentStore {
  const fileOf = (key: string) => {
    const file = path.join(root, key)
    // Keys hold organisation ids and hashes only; a key that leads out of the folder is a fault of
    // ours.
    if (!file.startsWith(`${path.resolve(root)}${path.sep}`))
      throw new Error('a content key leads out of its folder')
    return file
  }

  return {
    async put(key, body) {
      const file = fileOf(key)
      const directory = path.dirname(file)
      await fs.mkdir(directory, { recursive: true, mode: 0o700 })
      // Written to a temporary file and renamed: no one ever reads half an object.
      const temporary = `${file}.${randomBytes(6).toString('hex')}.part`
      try {
        await fs.writeFile(temporary, body, { mode: 0o600, flag: 'wx', flush: true })
        await fs.rename(temporary, file)
      } catch (error) {
        await fs.rm(temporary, { force: true })
        throw error
      }
      await flushDirectory(directory)
    },
    async get(key) {
      try {
        return await fs.readFile(fileOf(key))
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    },
    async delete(keys) {
      const directories = new Set<string>()
      for (const key of keys) {
        await fs.rm(fileOf(key), { force: true })
        directories.add(path.dirname(fileOf(key)))
      }
      // Days that are empty now go as well, from the inside out.
      for (const directory of directories) await removeEmpty(directory, path.resolve(root))
    },
    async *list(prefix) {
      yield* below(fileOf(prefix), prefix)
    },
    close() {},
  }
}

async function* below(directory: string, prefix: string): AsyncIterable<string> {
  const entries = await fs.readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.isDirectory())
      yield* below(path.join(directory, entry.name), `${prefix}${entry.name}/`)
    else if (!entry.name.endsWith('.part')) yield `${prefix}${entry.name}`
  }
}

async function removeEmpty(directory: string, root: string): Promise<void> {
  for (
    let current = directory;
    current.startsWith(`${root}${path.sep}`);
    current = path.dirname(current)
  ) {
    try {
      await fs.rmdir(current)
    } catch {
      // Not empty, or gone already: so are the folders around it.
      return
    }
  }
}

async function flushDirectory(directory: string): Promise<void> {
  const handle = await fs.open(directory, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ENOTDIR')
  )
}
