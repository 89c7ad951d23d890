/**
 * A statement and the codes it may be refused with. `<flint>` stands for Flint's database, `<own>`
 * for that of the user's views, `<user>` for its name.
 */
export type Forbidden = readonly [sql: string, ...codes: readonly number[]]

/** Codes of ClickHouse. */
const DENIED = 497
const UNKNOWN_TABLE = 60
const UNKNOWN_FUNCTION = 46
const NO_CLUSTER = 701

/** Flint's tables and views, in every place where a table can stand. */
export const BEYOND_THE_VIEWS: readonly Forbidden[] = [
  ['SELECT count() FROM <flint>.calls', DENIED],
  ['SELECT count() FROM <flint>.calls_settled', DENIED],
  ['SELECT count() FROM <flint>.calls_folded', DENIED],
  ['SELECT count() FROM <flint>.calls_quarter', DENIED],
  ['SELECT count() FROM <flint>.evidence', DENIED],
  ['SELECT count() FROM <flint>.identity_events', DENIED],
  ['SELECT state FROM <flint>.identity_events', DENIED],
  ['SELECT count() FROM <flint>.api_keys', DENIED],
  ['SELECT count() FROM <flint>.key_uses', DENIED],
  ['SELECT count() FROM <flint>.prices', DENIED],
  ['SELECT count() FROM <own>.calls WHERE record_id IN <flint>.evidence', DENIED],
  [
    'SELECT count() FROM <own>.calls WHERE record_id IN (SELECT record_id FROM <flint>.evidence)',
    DENIED,
  ],
  ['SELECT count() FROM <own>.calls JOIN <flint>.evidence USING record_id', DENIED],
  ['SELECT org FROM <own>.calls UNION ALL SELECT org FROM <flint>.evidence', DENIED],
  ['SELECT (SELECT count() FROM <flint>.evidence)', DENIED],
  ['WITH e AS (SELECT * FROM <flint>.evidence) SELECT count() FROM e', DENIED],
  ['SELECT count() FROM view(SELECT * FROM <flint>.evidence)', DENIED],
  ['EXPLAIN SELECT count() FROM <flint>.evidence', DENIED],
  ['EXPLAIN ESTIMATE SELECT count() FROM <flint>.evidence', DENIED],
  ['DESCRIBE TABLE <flint>.evidence', DENIED],
  ['EXISTS TABLE <flint>.evidence', DENIED],
  ['SHOW CREATE TABLE <flint>.calls', DENIED],
  ['USE <flint>', DENIED],
  // Another user's rights.
  ['EXECUTE AS `<user>-calls` SELECT count() FROM <flint>.calls_settled', DENIED, 344, 62],
  ['SET ROLE flint_verify', 511],
]

/** What the server knows of others. Lists that are not here show a user its own views alone. */
export const SYSTEM_TABLES: readonly Forbidden[] = [
  ...['users', 'roles', 'grants', 'row_policies', 'quotas', 'settings_profiles', 'quotas_usage'],
  ...['processes', 'user_processes', 'parts', 'parts_columns', 'detached_parts', 'metrics'],
  ...['events', 'errors', 'server_settings', 'merge_tree_settings', 'clusters', 'replicas'],
  ...['macros', 'disks', 'dictionaries', 'mutations', 'merges', 'query_cache', 'backups'],
  ...['named_collections', 'stack_trace', 'user_directories', 'role_grants', 'numbers'],
]
  .map((table): Forbidden => [`SELECT count() FROM system.${table}`, DENIED])
  .concat(
    // Not on every server.
    [
      ...['query_log', 'query_thread_log', 'query_views_log', 'session_log', 'text_log'],
      ...['trace_log', 'part_log', 'asynchronous_metrics', 'zookeeper', 'crash_log'],
    ].map((table): Forbidden => [`SELECT count() FROM system.${table}`, DENIED, UNKNOWN_TABLE]),
    [
      ['SELECT count() FROM information_schema.tables', DENIED],
      ['SHOW USERS', DENIED],
      ['SHOW PROCESSLIST', DENIED],
      ['SHOW CREATE USER', DENIED],
      ['SHOW CREATE USER `<user>-calls`', DENIED],
      ['SHOW ACCESS', DENIED],
    ],
  )

/** Ways out of the database: files, the network, other tables. */
export const FUNCTIONS: readonly Forbidden[] = [
  ...[
    "file('flint_verify', LineAsString)",
    "url('http://127.0.0.1:1/', CSV, 'a String')",
    "remote('127.0.0.1', <flint>.evidence)",
    "remoteSecure('127.0.0.1', <flint>.evidence)",
    "remote('127.0.0.1:9000', '<flint>', 'evidence', 'default', '')",
    "s3('http://127.0.0.1:1/bucket/key', CSV, 'a String')",
    "gcs('http://127.0.0.1:1/bucket/key', CSV, 'a String')",
    "iceberg('http://127.0.0.1:1/bucket/key')",
    "deltaLake('http://127.0.0.1:1/bucket/key')",
    "hudi('http://127.0.0.1:1/bucket/key')",
    "hdfs('hdfs://127.0.0.1:1/x', CSV, 'a String')",
    "mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "mongodb('127.0.0.1:1', 'd', 't', 'u', 'p', 'a String')",
    "redis('127.0.0.1:1', 'k', 'k String')",
    "jdbc('jdbc:x', 'y', 'z')",
    "odbc('DSN=x', 'y', 'z')",
    "executable('id', TSV, 'a String')",
    "dictionary('<flint>.flint_verify')",
    'loop(<flint>.evidence)',
    'zeros(1)',
  ].map((call): Forbidden => [`SELECT * FROM ${call} LIMIT 0`, DENIED, UNKNOWN_FUNCTION]),
  // The engine opens the file before it looks at grants.
  ["SELECT * FROM sqlite('flint_verify', 't')", DENIED, 481],
  ["SELECT * FROM input('a String')", 477],
  ["SELECT count() FROM cluster('default', <flint>.evidence)", DENIED, NO_CLUSTER],
  ["SELECT count() FROM clusterAllReplicas('default', <flint>.evidence)", DENIED, NO_CLUSTER],
  ["SELECT * FROM fileCluster('default', 'x')", DENIED, NO_CLUSTER],
  ["SELECT * FROM merge('<flint>', '^evidence$')", DENIED, 636],
  ["SELECT count() FROM merge('<flint>', '.*')", DENIED, 636],
  ['SELECT count() FROM mergeTreeIndex(<flint>, evidence)', DENIED],
  // The scalar function, which no grant is for: a server keeps it in `user_files_path`.
  ["SELECT file('/etc/hostname')", DENIED, 291],
  ["SELECT hasColumnInTable('<flint>', 'evidence', 'org')", DENIED],
  ["SELECT joinGet('<flint>.evidence', 'org', '')", DENIED, 43],
  ["SELECT dictGet('<flint>.flint_verify', 'a', 1)", DENIED, 36],
  ["SELECT getClientHTTPHeader('Authorization')", 446, UNKNOWN_FUNCTION],
  ['SELECT addressToLine(1)', DENIED, 446],
  ["SELECT 1 INTO OUTFILE 'flint_verify'", DENIED, 358],
]

/** Whatever changes something. */
export const CHANGES: readonly Forbidden[] = [
  ...[
    "INSERT INTO <flint>.evidence (org) SELECT '' WHERE 0",
    "INSERT INTO <own>.calls (org) SELECT '' WHERE 0",
    "INSERT INTO FUNCTION file('flint_verify', CSV, 'a String') SELECT '' WHERE 0",
    "INSERT INTO FUNCTION url('http://127.0.0.1:1/', CSV, 'a String') SELECT '' WHERE 0",
    "INSERT INTO <flint>.evidence FROM INFILE 'flint_verify' FORMAT CSV",
    'CREATE TABLE <own>.flint_verify (n UInt8) ENGINE = Memory',
    'CREATE TABLE <flint>.flint_verify (n UInt8) ENGINE = Memory',
    'CREATE TEMPORARY TABLE flint_verify (n UInt8)',
    "CREATE TABLE <own>.flint_verify (n UInt8) ENGINE = URL('http://127.0.0.1:1/', CSV)",
    'CREATE VIEW <own>.flint_verify AS SELECT 1',
    'CREATE OR REPLACE VIEW <own>.flint_verify AS SELECT 1',
    `CREATE VIEW <own>.flint_verify DEFINER = \`<user>-calls\` SQL SECURITY DEFINER
      AS SELECT org FROM <flint>.calls_settled`,
    'CREATE MATERIALIZED VIEW <own>.flint_verify ENGINE = Memory AS SELECT 1',
    'CREATE DATABASE flint_verify',
    `CREATE DICTIONARY <own>.flint_verify (n UInt64) PRIMARY KEY n
      SOURCE(CLICKHOUSE(TABLE 'evidence' DB '<flint>')) LAYOUT(FLAT()) LIFETIME(0)`,
    `CREATE DICTIONARY <own>.flint_verify (n UInt64) PRIMARY KEY n
      SOURCE(EXECUTABLE(COMMAND 'true' FORMAT TSV)) LAYOUT(FLAT()) LIFETIME(0)`,
    'CREATE FUNCTION flint_verify AS (x) -> x',
    'CREATE NAMED COLLECTION flint_verify AS a = 1',
    'CREATE USER flint_verify',
    'CREATE ROLE flint_verify',
    'CREATE QUOTA flint_verify',
    'CREATE SETTINGS PROFILE flint_verify',
    'CREATE ROW POLICY flint_verify ON <flint>.flint_verify USING 1 TO <user>',
    'ALTER USER <user> DEFAULT ROLE NONE',
    'SET DEFAULT ROLE NONE TO <user>',
    'ALTER TABLE <flint>.calls_settled DELETE WHERE 0',
    'ALTER TABLE <flint>.calls_settled UPDATE provider = provider WHERE 0',
    'DELETE FROM <flint>.calls_settled WHERE 0',
    'GRANT SELECT ON <flint>.flint_verify TO <user>',
    'GRANT SELECT ON <own>.calls TO <user>',
    'RENAME TABLE <flint>.flint_verify TO <flint>.flint_verify_2',
    'DROP USER IF EXISTS flint_verify',
    'DROP ROW POLICY IF EXISTS flint_verify ON <flint>.evidence',
    'OPTIMIZE TABLE <flint>.flint_verify',
    "KILL QUERY WHERE query_id = 'flint_verify'",
    'BACKUP TABLE <own>.calls TO Null',
    'SYSTEM FLUSH LOGS',
    'SYSTEM DROP MARK CACHE',
  ].map((sql): Forbidden => [sql, DENIED]),
]
