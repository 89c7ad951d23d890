-- Idempotency keys of client reports: which record a key has made, and of which body. Both are hashes.
CREATE TABLE IF NOT EXISTS report_keys
(
    org LowCardinality(String),
    key_hash FixedString(64),
    body_hash FixedString(64),
    record_id UUID,
    created_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (org, key_hash, created_at)
TTL toDateTime(created_at) + INTERVAL 7 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
