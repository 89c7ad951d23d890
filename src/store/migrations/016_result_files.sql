-- The file that the results of deferred work are in, as the work names it: OpenAI's output files name no batch (docs/decisions/008-deferred-usage.md).
ALTER TABLE evidence ADD COLUMN IF NOT EXISTS result_id Nullable(String) AFTER deferred;
