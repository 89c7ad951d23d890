-- What is kept of a call's words. The words themselves are objects of the content store, never rows.
ALTER TABLE evidence
    ADD COLUMN IF NOT EXISTS capture Nullable(Bool),
    ADD COLUMN IF NOT EXISTS prompt_preview Nullable(String),
    ADD COLUMN IF NOT EXISTS completion_preview Nullable(String),
    ADD COLUMN IF NOT EXISTS prompt_hash Nullable(String),
    ADD COLUMN IF NOT EXISTS content_key Nullable(String),
    ADD COLUMN IF NOT EXISTS content_sha256 Nullable(String),
    ADD COLUMN IF NOT EXISTS content_gap LowCardinality(Nullable(String)),
    ADD COLUMN IF NOT EXISTS attachments Array(String);

ALTER TABLE calls_settled
    ADD COLUMN IF NOT EXISTS prompt_capture Nullable(Bool),
    ADD COLUMN IF NOT EXISTS prompt_preview Nullable(String),
    ADD COLUMN IF NOT EXISTS prompt_hash Nullable(String),
    ADD COLUMN IF NOT EXISTS completion_preview Nullable(String),
    ADD COLUMN IF NOT EXISTS content_key Nullable(String),
    ADD COLUMN IF NOT EXISTS content_gap LowCardinality(Nullable(String));

-- How long records are kept is each organisation's setting (src/delivery/retention.ts); no table keeps anything beyond the longest.
ALTER TABLE evidence MODIFY TTL toDateTime(created_at) + INTERVAL 3650 DAY;

ALTER TABLE calls_settled MODIFY TTL toDateTime(created_at) + INTERVAL 3650 DAY;
