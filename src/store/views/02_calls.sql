-- One row per call for people and tools. Open, expired and erased calls are not in it; of an
-- organisation with a legal hold in force also those past their time that are still there. Rows
-- that an earlier build settled have its names of cost reasons (src/evidence/cost-reason-names.ts).
-- 90 days is the default of src/identity/settings.ts.
CREATE OR REPLACE VIEW calls AS
WITH (SELECT mapFromArrays(groupArray(org), groupArray(retention_days)) FROM settings_in_force) AS retention,
    (SELECT groupArray(org) FROM holds_in_force) AS held
SELECT
    org, created_at, record_id, provider, model, request_model, endpoint, method, status, outcome, source, stream,
    usage_source, input_tokens, output_tokens, total_tokens, cached_input_tokens, cache_write_tokens,
    cache_write_5m_tokens, cache_write_1h_tokens, reasoning_tokens, audio_input_tokens, audio_output_tokens,
    cost_usd, cost_status, price_version, replaceOne(calls_settled.cost_reason, 'untold_', 'unreported_') AS cost_reason, billable, usage_raw, turns,
    parser_version, latency_ms, time_to_first_byte_ms, request_bytes,
    response_bytes, finish_reason, provider_request_id, response_id, parent_id, service_tier, stream_error, error_code, capture_gap,
    prompt_capture, prompt_preview, last_user_preview, prompt_hash, completion_preview, content_key, content_gap,
    key_id, key_hint, workload, namespace, service_account, cluster, identity_basis, credential, claimed_request_id, caller_request_id, session_id, trace_id, user_agent, retry_count, tags,
    completed_at, ingested_at, addDays(created_at, if(mapContains(retention, org), retention[org], 90)) AS expires_at
FROM calls_settled FINAL
WHERE calls_settled.outcome != 'erased' AND (expires_at > now64(3, 'UTC') OR has(held, calls_settled.org));
