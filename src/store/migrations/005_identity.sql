-- Who may call. Rows are never changed: a newer version of an organisation or key replaces the older one.
CREATE TABLE IF NOT EXISTS organisations
(
    id String,
    name String,
    created_at DateTime64(3, 'UTC'),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS api_keys
(
    org String,
    id String,
    name String,
    -- HMAC-SHA-256 of the key under the pepper: the key itself is nowhere.
    key_hash String,
    hint String,
    scopes Array(LowCardinality(String)),
    created_at DateTime64(3, 'UTC'),
    expires_at Nullable(DateTime64(3, 'UTC')),
    revoked_at Nullable(DateTime64(3, 'UTC')),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (org, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
