-- Which start of a supervised Envoy carried a call: calls of one that is over need not be waited for (docs/decisions/023).
ALTER TABLE evidence ADD COLUMN IF NOT EXISTS envoy_run LowCardinality(Nullable(String)) AFTER capture;
