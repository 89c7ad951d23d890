import { expect, test } from 'vitest'
import { dataPaths } from './data-paths.ts'

const MAX_SOCKET_PATH = 104

test('sockets lie in the data directory', () => {
  expect(dataPaths('/data/flint').sockets.gate).toBe('/data/flint/run/gate.sock')
})

test.each([10, 60, 80, 90, 200, 1_000])(
  'a socket’s path fits, however long the data directory’s is (%i bytes)',
  (length) => {
    const { sockets, root } = dataPaths(`/${'ä'.repeat(length / 2)}`)
    expect(root).toBe(`/${'ä'.repeat(length / 2)}`)
    for (const socket of Object.values(sockets))
      expect(Buffer.byteLength(socket)).toBeLessThan(MAX_SOCKET_PATH)
  },
)

test('two data directories with long paths never share a socket, one always has the same', () => {
  const long = `/${'x'.repeat(200)}`
  expect(dataPaths(`${long}/a`).sockets.gate).not.toBe(dataPaths(`${long}/b`).sockets.gate)
  expect(dataPaths(`${long}/a`)).toEqual(dataPaths(`${long}/a`))
})
