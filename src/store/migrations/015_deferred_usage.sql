-- Usage of deferred work, told by polls (docs/decisions/008-deferred-usage.md): found by the provider's id of the work.
ALTER TABLE evidence ADD COLUMN IF NOT EXISTS deferred Nullable(Bool) AFTER response_id,
    ADD COLUMN IF NOT EXISTS parent_id Nullable(String) AFTER deferred;
ALTER TABLE evidence ADD INDEX IF NOT EXISTS response_id_filter response_id TYPE bloom_filter(0.01) GRANULARITY 4;
ALTER TABLE calls_settled ADD COLUMN IF NOT EXISTS parent_id Nullable(String) AFTER response_id;
