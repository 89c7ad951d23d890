import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../test/support/temporary-directory.ts'
import { ConfigError } from './config/config-error.ts'
import { dataPaths, lockSocket } from './config/data-paths.ts'
import { lockDataDirectory } from './process/data-directory-lock.ts'
import { openSocketDirectory } from './socket-directory.ts'

let root: string
const { TMPDIR } = process.env
beforeEach(() => {
  root = temporaryDirectory()
})
afterEach(() => {
  if (TMPDIR === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = TMPDIR
})

/** As a process sees the data directory that has this TMPDIR. */
function seenFrom(temporary: string, dataDir: string) {
  process.env['TMPDIR'] = path.join(root, temporary)
  fs.mkdirSync(process.env['TMPDIR'], { recursive: true })
  const paths = dataPaths(dataDir)
  fs.mkdirSync(paths.run, { recursive: true, mode: 0o700 })
  openSocketDirectory(paths)
  return paths
}

describe('a data directory whose path is too long for a socket', () => {
  const long = () => path.join(root, 'd'.repeat(180))

  test('has one lock, whatever the temporary folder of who asks for it', async () => {
    const one = seenFrom('a', long())
    const other = seenFrom('b', long())
    expect(one.sockets.gate).not.toBe(other.sockets.gate)
    const held = await lockDataDirectory(lockSocket(one), one.root)
    expect(fs.readdirSync(one.run)).toEqual(['flint.sock'])
    await expect(lockDataDirectory(lockSocket(other), other.root)).rejects.toThrow(
      /another Flint is running/,
    )
    held.release()
  })

  test('is opened again and again, and with a temporary folder that is too long itself', () => {
    for (const temporary of ['a', 'a', 't'.repeat(120)]) {
      const paths = seenFrom(temporary, long())
      expect(fs.realpathSync(paths.socketDirectory)).toBe(fs.realpathSync(paths.run))
      expect(Buffer.byteLength(paths.sockets.envoyAdmin)).toBeLessThan(104)
    }
  })

  test('is refused where its short name leads elsewhere', () => {
    const paths = seenFrom('a', long())
    fs.unlinkSync(paths.socketDirectory)
    fs.symlinkSync(root, paths.socketDirectory)
    expect(() => openSocketDirectory(paths)).toThrow(ConfigError)
    expect(() => openSocketDirectory(paths)).toThrow(/is not ours.*FLINT_DATA_DIR/)
  })
})

test('a directory that others may write to holds no sockets', () => {
  const paths = seenFrom('a', path.join(root, 'data'))
  fs.chmodSync(paths.run, 0o770)
  expect(() => openSocketDirectory(paths)).toThrow(/can be written by others/)
})
