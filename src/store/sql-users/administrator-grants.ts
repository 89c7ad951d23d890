import { identifier } from './quoting.ts'
import { viewDatabase } from './sql-user.ts'

/** All that making and removing a user needs. */
export function administratorGrants(
  administrator: string,
  database: string,
  name: string,
): readonly string[] {
  const to = identifier(administrator)
  const own = identifier(viewDatabase(database, name))
  return [
    'GRANT CREATE USER, DROP USER, CREATE ROW POLICY, DROP ROW POLICY, CREATE SETTINGS PROFILE, ' +
      `DROP SETTINGS PROFILE, CREATE QUOTA, DROP QUOTA, SET DEFINER ON *.* TO ${to}`,
    'GRANT CREATE DATABASE, DROP DATABASE, CREATE VIEW, DROP VIEW, CREATE TABLE, DROP TABLE, ' +
      `INSERT ON ${own}.* TO ${to}`,
    `GRANT SELECT ON ${own}.* TO ${to} WITH GRANT OPTION`,
    `GRANT SELECT ON ${identifier(database)}.* TO ${to} WITH GRANT OPTION`,
  ]
}
