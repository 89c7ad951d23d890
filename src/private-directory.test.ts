import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../test/support/temporary-directory.ts'
import { ConfigError } from './config/config-error.ts'
import { refuseForeign } from './private-directory.ts'

let root: string
beforeEach(() => {
  root = temporaryDirectory()
})

const folder = (name: string, mode: number) => {
  const directory = path.join(root, name)
  fs.mkdirSync(directory)
  fs.chmodSync(directory, mode)
  return directory
}

test('a folder of our own is taken, and one that is not there yet will be', () => {
  refuseForeign(folder('own', 0o700))
  refuseForeign(path.join(root, 'nothing'))
})

test.each([0o777, 0o770, 0o702])('a folder that others may write to is refused: %o', (mode) => {
  const directory = folder('open', mode)
  expect(() => refuseForeign(directory)).toThrow(ConfigError)
  fs.symlinkSync(directory, path.join(root, 'link'))
  expect(() => refuseForeign(path.join(root, 'link'))).toThrow('can be written by others')
})

test.skipIf(process.getuid?.() !== 0)(
  'a folder that another user made is refused, whatever its mode (only root can try it)',
  () => {
    const directory = folder('foreign', 0o700)
    fs.chownSync(directory, 65_534, 65_534)
    expect(() => refuseForeign(directory)).toThrow('belongs to another user')
  },
)
