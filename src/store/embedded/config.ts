import { createHash } from 'node:crypto'
import { GATE_HEADER } from './credentials.ts'
import { PROOF_PATH, PROOF_PLACEHOLDER } from './socket.ts'

interface ServerConfigOptions {
  readonly dataDir: string
  readonly usersFile: string
  readonly scriptsDir: string
  readonly port: number
  readonly gate: string
  /** Upper bound of the engine's memory; a query over it fails, the server stays. */
  readonly maxMemoryBytes: number
  readonly member?: ClusterMember | undefined
}

/** Makes a server part of a cluster on this machine; only tests do. */
export interface ClusterMember {
  /** Of the native protocol, which the others speak to it; nothing locks it. */
  readonly tcpPort: number
  /** Elements of the configuration: `remote_servers`, `macros`, `zookeeper`. */
  readonly sections: string
  /** What its user may do besides. */
  readonly grants: readonly string[]
}

/**
 * The server's configuration, without a logger: any logger section makes clickhouse-local log at
 * trace level, and its fatal errors reach stderr anyway. The lock is the handlers section: without
 * the secret header every path but /ping and /proof is 404, because the engine's passwordless
 * `default` user (the local session logs in as it) cannot be removed.
 *
 * There is no section of the engine's logs of itself (metric_log, trace_log, …): this engine keeps
 * a log whose section is there, even one that says `remove`. Every setting is asked of the engine
 * in settings.integration.test.ts.
 */
export function renderServerConfig({
  dataDir,
  usersFile,
  scriptsDir,
  port,
  gate,
  maxMemoryBytes,
  member,
}: ServerConfigOptions): string {
  const header = `<headers><${GATE_HEADER}>${xml(gate)}</${GATE_HEADER}></headers>`
  return `<clickhouse>
  <path>${xml(dataDir)}/</path>
  <tmp_path>${xml(dataDir)}/tmp/</tmp_path>
  <user_scripts_path>${xml(scriptsDir)}/</user_scripts_path>
  <users_config>${xml(usersFile)}</users_config>
  <http_port>${port}</http_port>${member === undefined ? '' : `\n  <tcp_port>${member.tcpPort}</tcp_port>\n  ${member.sections}`}
  <listen_host>127.0.0.1</listen_host>
  <max_server_memory_usage>${maxMemoryBytes}</max_server_memory_usage>
  <mark_cache_size>134217728</mark_cache_size>
  <index_mark_cache_size>33554432</index_mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <max_concurrent_queries>64</max_concurrent_queries>
  <max_connections>256</max_connections>
  <memory_worker_period_ms>1000</memory_worker_period_ms>
  <background_pool_size>4</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <background_schedule_pool_initial_size>4</background_schedule_pool_initial_size>
  <global_profiler_real_time_period_ns>0</global_profiler_real_time_period_ns>
  <global_profiler_cpu_time_period_ns>0</global_profiler_cpu_time_period_ns>
  <merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
    <non_replicated_deduplication_window>1000</non_replicated_deduplication_window>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>4</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_mutation>4</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>4</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
  <access_control_improvements>
    <users_without_row_policies_can_read_rows>true</users_without_row_policies_can_read_rows>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
    <select_from_information_schema_requires_grant>true</select_from_information_schema_requires_grant>
    <table_engines_require_grant>true</table_engines_require_grant>
  </access_control_improvements>
  <http_handlers>
    <rule><url>${PROOF_PATH}</url><methods>GET</methods><handler><type>static</type><status>200</status><response_content>${PROOF_PLACEHOLDER}</response_content></handler></rule>
    <rule><url>/ping</url><methods>GET,HEAD</methods><handler><type>ping</type></handler></rule>
    <rule><methods>POST,GET</methods>${header}<handler><type>dynamic_query_handler</type><query_param_name>query</query_param_name></handler></rule>
  </http_handlers>
</clickhouse>
`
}

interface UsersConfigOptions {
  readonly username: string
  readonly password: string
  readonly database: string
  readonly maxMemoryBytes: number
  readonly member?: ClusterMember | undefined
}

/**
 * `default` may open the listener and nothing else; `flint` has what its migrations and queries
 * need, by name.
 */
export function renderUsersConfig({
  username,
  password,
  database,
  maxMemoryBytes,
  member,
}: UsersConfigOptions): string {
  const grants = [
    'GRANT CREATE DATABASE ON *.*',
    `GRANT SELECT, INSERT, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE, ALTER TABLE, ALTER VIEW, SHOW ON ${database}.*`,
    ...[
      'one',
      'numbers',
      'parts',
      'columns',
      'tables',
      'databases',
      'merges',
      'mutations',
      'processes',
      'metrics',
      'asynchronous_metrics',
      'errors',
      'disks',
    ].map((table) => `GRANT SELECT ON system.${table}`),
    ...['MergeTree', 'ReplacingMergeTree', 'Memory', 'Null', 'View'].map(
      (engine) => `GRANT TABLE ENGINE ON ${engine}`,
    ),
    'GRANT CREATE TEMPORARY TABLE ON *.*',
    ...(member?.grants ?? []),
  ]
  return `<clickhouse>
  <profiles>
    <default>
      <async_insert>0</async_insert>
      <max_memory_usage>${Math.floor(maxMemoryBytes * 0.75)}</max_memory_usage>
      <max_bytes_before_external_group_by>${Math.floor(maxMemoryBytes / 4)}</max_bytes_before_external_group_by>
      <max_bytes_before_external_sort>${Math.floor(maxMemoryBytes / 4)}</max_bytes_before_external_sort>
      <log_queries>0</log_queries>
      <query_profiler_real_time_period_ns>0</query_profiler_real_time_period_ns>
      <query_profiler_cpu_time_period_ns>0</query_profiler_cpu_time_period_ns>
    </default>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query><query>GRANT CREATE TEMPORARY TABLE ON *.*</query></grants>
    </default>
    <${username}>
      <password_sha256_hex>${createHash('sha256').update(password).digest('hex')}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
${grants.map((query) => `        <query>${xml(query)}</query>`).join('\n')}
      </grants>
    </${username}>
  </users>
</clickhouse>
`
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
