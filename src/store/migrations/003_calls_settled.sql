-- The folded records of hours in which no call can be open any more: pages over history do not fold again.
-- Written by src/store/settle.ts only; the same columns as calls_folded.
CREATE TABLE IF NOT EXISTS calls_settled
(
    org LowCardinality(String),
    created_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    record_id UUID,
    provider LowCardinality(String),
    model LowCardinality(Nullable(String)),
    request_model LowCardinality(Nullable(String)),
    endpoint Nullable(String),
    method LowCardinality(Nullable(String)),
    status Nullable(UInt16),
    outcome LowCardinality(String),
    source LowCardinality(String),
    stream Nullable(Bool),
    usage_source LowCardinality(String),
    input_tokens Nullable(UInt64),
    output_tokens Nullable(UInt64),
    total_tokens Nullable(UInt64),
    cached_input_tokens Nullable(UInt64),
    cache_write_tokens Nullable(UInt64),
    cache_write_5m_tokens Nullable(UInt64),
    cache_write_1h_tokens Nullable(UInt64),
    reasoning_tokens Nullable(UInt64),
    audio_input_tokens Nullable(UInt64),
    audio_output_tokens Nullable(UInt64),
    cost_usd Nullable(Decimal(38, 12)),
    cost_status LowCardinality(Nullable(String)),
    price_version LowCardinality(Nullable(String)),
    parser_version LowCardinality(Nullable(String)),
    latency_ms Nullable(UInt64),
    time_to_first_byte_ms Nullable(UInt64),
    request_bytes Nullable(UInt64),
    response_bytes Nullable(UInt64),
    finish_reason LowCardinality(Nullable(String)),
    provider_request_id Nullable(String),
    service_tier LowCardinality(Nullable(String)),
    stream_error LowCardinality(Nullable(String)),
    error_code LowCardinality(Nullable(String)),
    capture_gap LowCardinality(Nullable(String)),
    key_id LowCardinality(Nullable(String)),
    key_hint LowCardinality(Nullable(String)),
    claimed_request_id Nullable(String),
    caller_request_id Nullable(String),
    trace_id Nullable(String),
    user_agent Nullable(String),
    retry_count Nullable(UInt32),
    tags Map(String, String),
    completed_at Nullable(DateTime64(3, 'UTC')),
    ingested_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(created_at)
ORDER BY (org, created_at, record_id)
TTL toDateTime(created_at) + INTERVAL 90 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- How far settling has come: calls before `border` are in calls_settled; evidence ingested before `watermark` is in them.
-- Both only grow, so a reader with an older border folds more than it must, and is right.
CREATE TABLE IF NOT EXISTS settlement
(
    name LowCardinality(String),
    border DateTime64(3, 'UTC'),
    watermark DateTime64(3, 'UTC'),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
