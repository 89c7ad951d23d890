import { expect, test } from 'vitest'
import { type ClusterServer, isReplicated, openServer } from './cluster-server.ts'

type Macros = Readonly<Record<string, string>>

function server(name: string, shard: number, replica: number, macros: Macros): ClusterServer {
  const endpoint = { url: 'http://127.0.0.1:1', username: 'u', password: '', headers: {} }
  const opened = openServer({ name, endpoint, shard, replica }, 'flint')
  const shardTables = {
    ...opened.shardTables,
    ensureDatabase: async () => {},
    rows: async () =>
      Object.entries(macros).map(([macro, substitution]) => ({ macro, substitution })),
  }
  return { ...opened, shardTables }
}

const of = (shard: string, replica: string): Macros => ({ shard, replica })

test('tables are replicated where every server has both macros, and are not where none has', async () => {
  expect(
    await isReplicated([server('a', 1, 1, of('1', 'a')), server('b', 2, 1, of('2', 'a'))]),
  ).toBe(true)
  expect(await isReplicated([server('a', 1, 1, {}), server('b', 2, 1, {})])).toBe(false)
})

test.each([
  [
    'one server has them',
    [server('a', 1, 1, of('1', 'a')), server('b', 2, 1, {})],
    /b has no macros/,
  ],
  [
    'a shard has two servers and none has them',
    [server('a', 1, 1, {}), server('b', 1, 2, {})],
    /no macros/,
  ],
  [
    'two shards have one macro, which would make them replicas',
    [server('a', 1, 1, of('1', 'a')), server('b', 2, 1, of('1', 'b'))],
    /\{shard\} of a and b does not say what remote_servers says/,
  ],
  [
    'replicas of a shard have two, which would leave them apart',
    [server('a', 1, 1, of('1', 'a')), server('b', 1, 2, of('2', 'b'))],
    /\{shard\} of a and b/,
  ],
  [
    'two replicas have one name',
    [server('a', 1, 1, of('1', 'a')), server('b', 1, 2, of('1', 'a'))],
    /a and b have the same macro \{replica\}/,
  ],
])('servers are refused where %s', async (_, servers, message) => {
  await expect(isReplicated(servers)).rejects.toThrow(message)
})
