import { describe, expect, test } from 'vitest'
import { readMigrations } from './migrate.ts'
import { splitStatements } from './sql-statements.ts'

describe('a migration script is split into its statements', () => {
  test('at semicolons, dropping comments and empty statements', () => {
    expect(
      splitStatements('-- why; because\nSELECT 1;\n/* a; b */ SELECT 2 ;;\n-- the end;'),
    ).toEqual(['SELECT 1', 'SELECT 2'])
  })

  test('not inside text or identifiers', () => {
    const statements = ["SELECT 'a;b''c;', '\\';' AS x", 'SELECT `a;b`, "c;d"', 'SELECT 4 - 2 / 1']
    expect(splitStatements(statements.join(';'))).toEqual(statements)
  })

  test('the migrations have a number each, their order, and hold at least one statement', () => {
    const migrations = readMigrations()
    expect(new Set(migrations.map(({ name }) => Number(name.slice(0, 3)))).size).toBe(
      migrations.length,
    )
    expect(migrations.map(({ name }) => name)).toEqual(
      migrations.map(({ name }) => name).toSorted(),
    )
    for (const { sql } of migrations) expect(splitStatements(sql).length).toBeGreaterThan(0)
  })

  test('every statement can be repeated, because two processes may start at once', () => {
    for (const statement of readMigrations().flatMap(({ sql }) => splitStatements(sql)))
      expect(statement).toMatch(
        /^(CREATE|DROP|ALTER)\b.* IF (NOT )?EXISTS |^ALTER TABLE \w+ MODIFY TTL |^INSERT INTO .* NOT IN \(/s,
      )
  })
})
