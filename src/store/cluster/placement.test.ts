import { expect, test } from 'vitest'
import { readMigrations, readViews } from '../client/migrate.ts'
import { splitStatements } from '../client/sql-statements.ts'
import { placementOf, viewName, viewsOfFirstShard } from './placement.ts'

test('every table that has rows of calls is on the shard of the call; what is few is on the first', () => {
  const tables = readMigrations()
    .flatMap(({ sql }) => splitStatements(sql))
    .flatMap((statement) => {
      const [, name = ''] = /^CREATE TABLE IF NOT EXISTS (\w+)/.exec(statement) ?? []
      return name === '' ? [] : [{ name, isOfCalls: /\brecord_id UUID\b/.test(statement) }]
    })
  expect(tables.length).toBeGreaterThan(8)
  const onFirst = tables.filter(({ name }) => placementOf(name) === 'first')
  // Keys of reports name their record and are looked for by the key: few enough for one shard.
  expect(onFirst.filter(({ isOfCalls }) => isOfCalls).map(({ name }) => name)).toEqual([
    'report_keys',
  ])
})

test('a view is asked of every shard where it reads calls, itself or through another view', () => {
  expect(viewsOfFirstShard(readViews()).map(viewName)).toEqual([
    'holds_in_force',
    'settings_in_force',
  ])
  const view = (name: string, from: string) => ({
    name,
    sql: `-- of evidence\nCREATE OR REPLACE VIEW ${viewName({ name, sql: '' })} AS SELECT * FROM ${from}`,
  })
  expect(
    viewsOfFirstShard([
      view('00_a', 'prices'),
      view('00_b', 'calls_quarter'),
      view('01_c', 'b'),
      view('01_d', 'a'),
    ]).map(viewName),
  ).toEqual(['a', 'd'])
})
