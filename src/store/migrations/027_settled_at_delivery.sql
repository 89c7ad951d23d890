-- Records are written when their evidence arrives, and each says when it was written itself: the
-- cursor of exports. Ids of every kind are found by filters of a few bytes a record.
ALTER TABLE calls_settled ADD COLUMN IF NOT EXISTS workload LowCardinality(Nullable(String)) AFTER key_hint,
    ADD COLUMN IF NOT EXISTS namespace LowCardinality(Nullable(String)) AFTER workload,
    ADD COLUMN IF NOT EXISTS service_account LowCardinality(Nullable(String)) AFTER namespace,
    ADD COLUMN IF NOT EXISTS cluster LowCardinality(Nullable(String)) AFTER service_account,
    ADD COLUMN IF NOT EXISTS identity_basis LowCardinality(Nullable(String)) AFTER cluster,
    MODIFY COLUMN ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    ADD INDEX IF NOT EXISTS ingested_at_range ingested_at TYPE minmax GRANULARITY 1,
    ADD INDEX IF NOT EXISTS provider_request_id_bloom provider_request_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS response_id_bloom response_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS trace_id_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS caller_request_id_bloom caller_request_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS claimed_request_id_bloom claimed_request_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS session_id_bloom session_id TYPE bloom_filter(0.01) GRANULARITY 1;
