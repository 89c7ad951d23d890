import { expect, test } from 'vitest'
import { EmbeddedUnavailableError, findEmbeddedLibrary } from './library.ts'

const linux = { platform: 'linux', arch: 'x64', glibc: '2.36' }

test('the library of this platform is found', () => {
  expect(findEmbeddedLibrary(linux, (id) => `/somewhere/${id}`)).toBe(
    '/somewhere/@chdb/lib-linux-x64-gnu/libchdb.so',
  )
})

test.each([
  ['the optional package was not installed', linux, '@chdb/lib-linux-x64-gnu is not installed'],
  ['the platform has no engine', { ...linux, platform: 'win32' }, 'no engine for win32 on x64'],
  ['the C library is musl', { ...linux, glibc: undefined }, 'needs glibc'],
])('when %s the error says so and names FLINT_CLICKHOUSE_URL', (_, platform, reason) => {
  const find = () =>
    findEmbeddedLibrary(platform, () => {
      throw new Error('Cannot find module')
    })
  expect(find).toThrow(EmbeddedUnavailableError)
  expect(find).toThrow(reason)
  expect(find).toThrow('FLINT_CLICKHOUSE_URL')
})
