-- What pays for a call by the shape of its provider key, and the session of the caller's agent it belongs to.
ALTER TABLE evidence ADD COLUMN IF NOT EXISTS credential LowCardinality(Nullable(String)) AFTER envoy_run,
    ADD COLUMN IF NOT EXISTS session_id Nullable(String) AFTER credential;
ALTER TABLE calls_settled ADD COLUMN IF NOT EXISTS credential LowCardinality(Nullable(String)) AFTER key_hint,
    ADD COLUMN IF NOT EXISTS session_id Nullable(String) AFTER caller_request_id;
