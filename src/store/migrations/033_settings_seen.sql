-- Which gate knows which settings: a gate writes a row for each organisation when it takes over newer settings, and all of them again
-- every ten minutes; one with org '' says that the gate is there.
CREATE TABLE IF NOT EXISTS settings_seen
(
    org String,
    -- Name of its data directory among replicas.
    gate String,
    revision UInt32,
    seen_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(seen_at)
ORDER BY (org, gate)
TTL toDateTime(seen_at) + INTERVAL 7 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
