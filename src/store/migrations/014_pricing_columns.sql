-- What a price was made of and why there is none; the provider's own id and usage object beside the record.
ALTER TABLE evidence ADD COLUMN IF NOT EXISTS cost_reason LowCardinality(Nullable(String)) AFTER price_version,
    ADD COLUMN IF NOT EXISTS billable Nullable(Bool) AFTER cost_reason,
    ADD COLUMN IF NOT EXISTS billed Nullable(String) AFTER billable,
    ADD COLUMN IF NOT EXISTS response_id Nullable(String) AFTER billed;
ALTER TABLE calls_settled ADD COLUMN IF NOT EXISTS cost_reason LowCardinality(Nullable(String)) AFTER price_version,
    ADD COLUMN IF NOT EXISTS billable Nullable(Bool) AFTER cost_reason,
    ADD COLUMN IF NOT EXISTS response_id Nullable(String) AFTER billable,
    ADD COLUMN IF NOT EXISTS usage_raw Nullable(String) AFTER response_id;
