import fs from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { ConfigError } from '../config/config-error.ts'
import { installationSecrets } from './secrets.ts'

let root: string
let directory: string
beforeEach(() => {
  root = temporaryDirectory()
  directory = path.join(root, 'secrets')
})

describe('the secrets of an installation', () => {
  test('are made once, for the owner alone', () => {
    const first = installationSecrets(undefined, directory)
    expect(installationSecrets(undefined, directory)).toEqual(first)
    expect(fs.readdirSync(directory)).toEqual(['key-pepper'])
    expect(fs.statSync(path.join(directory, 'key-pepper')).mode & 0o777).toBe(0o600)
    expect(fs.statSync(directory).mode & 0o777).toBe(0o700)
    expect(installationSecrets(undefined, path.join(root, 'other'))).not.toEqual(first)
  })

  test('are the same on two replicas with the same pepper, and nothing is written', () => {
    const replica = installationSecrets('one pepper, long enough', directory)
    expect(installationSecrets('one pepper, long enough', path.join(root, 'other'))).toEqual(
      replica,
    )
    expect(installationSecrets('another, also long enough', directory)).not.toEqual(replica)
    expect(fs.existsSync(directory)).toBe(false)
  })

  test('differ from each other and from the pepper', () => {
    const { keyPepper, metadataSecret, cursorSecret } = installationSecrets(
      'one pepper, long enough',
      directory,
    )
    const all = [
      keyPepper,
      metadataSecret,
      cursorSecret,
      Buffer.from('one pepper, long enough'),
    ].map((secret) => secret.toString('hex'))
    expect(new Set(all).size).toBe(4)
  })

  test.each(['aaaaaaaaaaaaaaaaaaaaaaaa', 'abababababababababababab', 'a'])(
    'are not made of %s, which others would find by trying',
    (pepper) => {
      expect(() => installationSecrets(pepper, directory)).toThrow(ConfigError)
      expect(() => installationSecrets('one pepper, long enough', directory, pepper)).toThrow(
        'previousKeyPepper',
      )
    },
  )

  test('survive a first start that died in the middle', () => {
    fs.mkdirSync(directory)
    fs.writeFileSync(path.join(directory, `key-pepper.${process.pid}`), 'half')
    const first = installationSecrets(undefined, directory)
    expect(installationSecrets(undefined, directory)).toEqual(first)
  })

  test.each(['', '\n', 'abc'])('are never derived from a damaged file (%j)', (content) => {
    fs.mkdirSync(directory)
    fs.writeFileSync(path.join(directory, 'key-pepper'), content)
    expect(() => installationSecrets(undefined, directory)).toThrow(ConfigError)
    expect(() => installationSecrets(undefined, directory)).toThrow(/FLINT_KEY_PEPPER/)
    expect(fs.readFileSync(path.join(directory, 'key-pepper'), 'utf8')).toBe(content)
  })
})
