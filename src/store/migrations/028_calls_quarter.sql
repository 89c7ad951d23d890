-- Sums of the records of a quarter of an hour, one row per organisation and quarter: all groups of the quarter lie in its arrays, the
-- n-th element of each array is the n-th group. So writing a quarter again replaces all of it at once: a group that is gone is gone, and
-- no reader, and no merge, ever sees half of the old sums beside half of the new ones.
-- Quarters, not hours: days of zones such as +5:45 are cut at them. Written by src/store/calls/quarter-rollup.ts only.
CREATE TABLE IF NOT EXISTS calls_quarter
(
    org LowCardinality(String),
    quarter DateTime('UTC') CODEC(Delta, ZSTD(1)),
    groups Nested
    (
        provider LowCardinality(String),
        model LowCardinality(Nullable(String)),
        request_model LowCardinality(Nullable(String)),
        endpoint LowCardinality(Nullable(String)),
        outcome LowCardinality(String),
        source LowCardinality(String),
        status Nullable(UInt16),
        stream Nullable(Bool),
        billable Nullable(Bool),
        usage_source LowCardinality(String),
        cost_status LowCardinality(Nullable(String)),
        key_id LowCardinality(Nullable(String)),
        credential LowCardinality(Nullable(String)),
        workload LowCardinality(Nullable(String)),
        namespace LowCardinality(Nullable(String)),
        service_account LowCardinality(Nullable(String)),
        cluster LowCardinality(Nullable(String)),
        identity_basis LowCardinality(Nullable(String)),
        calls UInt64,
        input_tokens UInt64,
        output_tokens UInt64,
        total_tokens UInt64,
        cached_input_tokens UInt64,
        cache_write_tokens UInt64,
        cache_write_5m_tokens UInt64,
        cache_write_1h_tokens UInt64,
        reasoning_tokens UInt64,
        audio_input_tokens UInt64,
        audio_output_tokens UInt64,
        cost_usd Decimal(38, 12),
        -- Histograms: step n holds the calls from 1.05^n to 1.05^(n+1) ms; only steps with calls are here.
        latency_steps Array(UInt16),
        latency_calls Array(UInt64),
        first_byte_steps Array(UInt16),
        first_byte_calls Array(UInt64)
    ),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(quarter)
ORDER BY (org, quarter)
TTL quarter + INTERVAL 3651 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The quarters of an hour summed up, without who called: what a summary over weeks is read from. Written by src/store/calls/hour-rollup.ts.
CREATE TABLE IF NOT EXISTS calls_hour
(
    org LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    groups Nested
    (
        provider LowCardinality(String),
        model LowCardinality(Nullable(String)),
        request_model LowCardinality(Nullable(String)),
        endpoint LowCardinality(Nullable(String)),
        outcome LowCardinality(String),
        source LowCardinality(String),
        status Nullable(UInt16),
        stream Nullable(Bool),
        billable Nullable(Bool),
        usage_source LowCardinality(String),
        cost_status LowCardinality(Nullable(String)),
        calls UInt64,
        input_tokens UInt64,
        output_tokens UInt64,
        total_tokens UInt64,
        cached_input_tokens UInt64,
        cache_write_tokens UInt64,
        cache_write_5m_tokens UInt64,
        cache_write_1h_tokens UInt64,
        reasoning_tokens UInt64,
        audio_input_tokens UInt64,
        audio_output_tokens UInt64,
        cost_usd Decimal(38, 12),
        latency_steps Array(UInt16),
        latency_calls Array(UInt64),
        first_byte_steps Array(UInt16),
        first_byte_calls Array(UInt64)
    ),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (org, hour)
TTL hour + INTERVAL 3651 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Rows of calls_settled written before `watermark` (less what an insert may take) are in calls_quarter and calls_hour. It only grows.
CREATE TABLE IF NOT EXISTS quarters_rolled
(
    name LowCardinality(String),
    watermark DateTime64(3, 'UTC'),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What was written lately is looked for by each run, and by each summary.
ALTER TABLE calls_settled ADD INDEX IF NOT EXISTS ingested_at_range ingested_at TYPE minmax GRANULARITY 1;
ALTER TABLE calls_settled MATERIALIZE INDEX IF EXISTS ingested_at_range;
