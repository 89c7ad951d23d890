-- TLS connections to providers that nothing could read. Not one of them is a call, and no sum of calls holds them: each may have
-- carried many calls or none. Several reports of one connection fold, the longest counts.
CREATE TABLE IF NOT EXISTS connections
(
    org LowCardinality(String),
    opened_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    connection_id UUID,
    duration_ms Nullable(UInt64),
    host LowCardinality(String),
    provider LowCardinality(String),
    workload LowCardinality(Nullable(String)),
    namespace LowCardinality(Nullable(String)),
    service_account LowCardinality(Nullable(String)),
    cluster LowCardinality(Nullable(String)),
    identity_basis LowCardinality(String),
    source_address Nullable(String),
    upstream_address Nullable(String),
    bytes_sent UInt64,
    bytes_received UInt64,
    response_flags LowCardinality(String),
    policy LowCardinality(String),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(opened_at)
ORDER BY (org, opened_at, connection_id)
TTL toDateTime(opened_at) + INTERVAL 3651 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
