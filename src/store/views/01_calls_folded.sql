-- The fold: the record of a call out of its evidence. Says the same as src/evidence/record.ts and
-- outcome.ts; src/store/fold.integration.test.ts holds them together. Replaced as a whole whenever
-- this file changes. The latest row of each kind is taken as a whole: argMaxIf of single columns
-- skips NULLs, and then its answer changes when parts merge. 7200 is MAX_CALL_SECONDS, 15 is
-- OBSERVATION_GRACE_SECONDS. `outcome` is NULL while the call is open. tupleElement() and not a
-- dot: resolving `observation.model` as a subcolumn made planning take 70 ms instead of 25. The
-- access log stream's row (closing) goes before that of Envoy's JSON log (access_log), whichever
-- came later. `witness` is the kind that earlier builds gave to access log rows: the rows keep it,
-- because the kind is part of the sorting key, so both count as one kind (end_kinds). Their cost
-- reasons untold_* are unreported_* now (src/evidence/cost-reason-names.ts). A report of the client
-- stands where nothing was observed. A later price (pricing) stands over the one of the numbers
-- that count. Usage of deferred work that polls reported (deferred) counts where the call that
-- ordered it got none from its provider. An erased call has no record, whatever rows come later.
-- `version` grows with every row that says something new, so that the fold of more evidence replaces
-- that of less in calls_settled, in whatever order they are written.
CREATE OR REPLACE VIEW calls_folded AS
SELECT
    org,
    created_at,
    record_id,
    multiIf(has_intent, tupleElement(intent, 'provider'), has_observation, tupleElement(observation, 'provider'), tupleElement(closing, 'provider')) AS provider,
    if(use_deferred, coalesce(tupleElement(deferred, 'model'), tupleElement(observation, 'model')), tupleElement(observation, 'model')) AS model,
    tupleElement(observation, 'request_model') AS request_model,
    coalesce(tupleElement(intent, 'endpoint'), tupleElement(observation, 'endpoint')) AS endpoint,
    coalesce(tupleElement(intent, 'method'), tupleElement(observation, 'method')) AS method,
    coalesce(tupleElement(closing, 'status'), tupleElement(intent, 'status'), tupleElement(observation, 'status')) AS status,
    multiIf(
        tupleElement(intent, 'error_code') IS NOT NULL, 'rejected',
        has_closing AND NOT observed AND age_seconds - ifNull(tupleElement(closing, 'latency_ms'), 0) / 1000 <= 15 AND age_seconds <= 7200 + 15, NULL,
        observed AND has_whole_answer AND saw_request, 'complete',
        hasAny(flags, ['DC', 'DR', 'DPE']), 'client_aborted',
        hasAny(flags, ['UT', 'SI', 'UMSDR', 'DT']) OR startsWith(details, 'max_duration_timeout'), 'upstream_timeout',
        hasAny(flags, ['UF', 'UH', 'UC', 'UR', 'URX', 'UO', 'UPE', 'NC', 'DF', 'LR', 'LH']),
            if(position(details, 'response_started') > 0 AND position(details, 'before_response_started') = 0, 'upstream_reset', 'upstream_error'),
        observed,
            if(ifNull(tupleElement(observation, 'response_complete'), false) AND saw_request, 'complete', 'capture_lost'),
        has_closing, 'capture_lost',
        has_run_ended OR age_seconds > 7200 + 15, 'unknown',
        NULL) AS outcome,
    multiIf(has_report, 'client', is_derived, 'derived', tupleElement(intent, 'identity_basis') IS NOT NULL, 'mesh', 'proxy') AS source,
    if(is_derived, tupleElement(deferred, 'parent_id'), NULL) AS parent_id,
    tupleElement(observation, 'stream') AS stream,
    ifNull(if(use_deferred, tupleElement(deferred, 'usage_source'), tupleElement(observation, 'usage_source')), 'none') AS usage_source,
    if(use_deferred, tupleElement(deferred, 'input_tokens'), tupleElement(observation, 'input_tokens')) AS input_tokens,
    if(use_deferred, tupleElement(deferred, 'output_tokens'), tupleElement(observation, 'output_tokens')) AS output_tokens,
    if(use_deferred, tupleElement(deferred, 'total_tokens'), tupleElement(observation, 'total_tokens')) AS total_tokens,
    if(use_deferred, tupleElement(deferred, 'cached_input_tokens'), tupleElement(observation, 'cached_input_tokens')) AS cached_input_tokens,
    if(use_deferred, tupleElement(deferred, 'cache_write_tokens'), tupleElement(observation, 'cache_write_tokens')) AS cache_write_tokens,
    if(use_deferred, tupleElement(deferred, 'cache_write_5m_tokens'), tupleElement(observation, 'cache_write_5m_tokens')) AS cache_write_5m_tokens,
    if(use_deferred, tupleElement(deferred, 'cache_write_1h_tokens'), tupleElement(observation, 'cache_write_1h_tokens')) AS cache_write_1h_tokens,
    if(use_deferred, tupleElement(deferred, 'reasoning_tokens'), tupleElement(observation, 'reasoning_tokens')) AS reasoning_tokens,
    if(use_deferred, tupleElement(deferred, 'audio_input_tokens'), tupleElement(observation, 'audio_input_tokens')) AS audio_input_tokens,
    if(use_deferred, tupleElement(deferred, 'audio_output_tokens'), tupleElement(observation, 'audio_output_tokens')) AS audio_output_tokens,
    multiIf(use_pricing, tupleElement(pricing, 'cost_usd'), use_deferred, tupleElement(deferred, 'cost_usd'), tupleElement(observation, 'cost_usd')) AS cost_usd,
    -- What a subscription pays for has a list price, and no bill of its own
    -- (src/evidence/subscription-cost.ts).
    if(is_list_price, 'estimated', stated_cost_status) AS cost_status,
    multiIf(use_pricing, tupleElement(pricing, 'price_version'), use_deferred, tupleElement(deferred, 'price_version'), tupleElement(observation, 'price_version')) AS price_version,
    if(is_list_price, 'subscription',
        replaceOne(multiIf(use_pricing, tupleElement(pricing, 'cost_reason'), use_deferred, tupleElement(deferred, 'cost_reason'), tupleElement(observation, 'cost_reason')), 'untold_', 'unreported_')) AS cost_reason,
    if(use_deferred, tupleElement(deferred, 'billable'), tupleElement(observation, 'billable')) AS billable,
    if(use_deferred, tupleElement(deferred, 'usage_raw'), tupleElement(observation, 'usage_raw')) AS usage_raw,
    tupleElement(observation, 'turns') AS turns,
    if(use_deferred, tupleElement(deferred, 'parser_version'), tupleElement(observation, 'parser_version')) AS parser_version,
    coalesce(tupleElement(closing, 'latency_ms'), tupleElement(observation, 'latency_ms')) AS latency_ms,
    coalesce(tupleElement(closing, 'time_to_first_byte_ms'), tupleElement(observation, 'time_to_first_byte_ms')) AS time_to_first_byte_ms,
    coalesce(tupleElement(closing, 'request_bytes'), tupleElement(observation, 'request_bytes')) AS request_bytes,
    coalesce(tupleElement(closing, 'response_bytes'), tupleElement(observation, 'response_bytes')) AS response_bytes,
    if(use_deferred, tupleElement(deferred, 'finish_reason'), tupleElement(observation, 'finish_reason')) AS finish_reason,
    tupleElement(observation, 'provider_request_id') AS provider_request_id,
    tupleElement(observation, 'response_id') AS response_id,
    if(use_deferred, tupleElement(deferred, 'service_tier'), tupleElement(observation, 'service_tier')) AS service_tier,
    tupleElement(observation, 'stream_error') AS stream_error,
    tupleElement(intent, 'error_code') AS error_code,
    -- A client that closes at the protocol's last event missed nothing.
    if(outcome = 'complete' AND has_whole_answer AND tupleElement(observation, 'gap') = 'call_ended_early', NULL, tupleElement(observation, 'gap')) AS capture_gap,
    multiIf(has_intent, tupleElement(intent, 'key_id'), has_observation, tupleElement(observation, 'key_id'), tupleElement(closing, 'key_id')) AS key_id,
    multiIf(has_intent, tupleElement(intent, 'key_hint'), has_observation, tupleElement(observation, 'key_hint'), tupleElement(closing, 'key_hint')) AS key_hint,
    tupleElement(intent, 'credential') AS credential,
    tupleElement(intent, 'workload') AS workload,
    tupleElement(intent, 'namespace') AS namespace,
    tupleElement(intent, 'service_account') AS service_account,
    tupleElement(intent, 'cluster') AS cluster,
    tupleElement(intent, 'identity_basis') AS identity_basis,
    coalesce(tupleElement(intent, 'capture'), tupleElement(observation, 'capture')) AS prompt_capture,
    tupleElement(observation, 'prompt_preview') AS prompt_preview,
    tupleElement(observation, 'last_user_preview') AS last_user_preview,
    tupleElement(observation, 'prompt_hash') AS prompt_hash,
    tupleElement(observation, 'completion_preview') AS completion_preview,
    coalesce(tupleElement(observation, 'content_key'), tupleElement(content, 'content_key')) AS content_key,
    tupleElement(observation, 'content_gap') AS content_gap,
    -- The object to expect: what the finished observation left; of one that was killed, the last
    -- that reached the store.
    if(observed AND tupleElement(observation, 'content_sha256') IS NOT NULL, tupleElement(observation, 'content_sha256'),
        coalesce(tupleElement(content, 'content_sha256'), tupleElement(observation, 'content_sha256'))) AS content_sha256,
    has_content AND ifNull(tupleElement(content, 'content_sha256') = content_sha256, false) AS content_stored,
    tupleElement(intent, 'claimed_request_id') AS claimed_request_id,
    tupleElement(intent, 'caller_request_id') AS caller_request_id,
    tupleElement(intent, 'session_id') AS session_id,
    tupleElement(intent, 'trace_id') AS trace_id,
    tupleElement(intent, 'user_agent') AS user_agent,
    tupleElement(intent, 'retry_count') AS retry_count,
    if(has_intent, tupleElement(intent, 'tags'), tupleElement(observation, 'tags')) AS tags,
    addMilliseconds(created_at, latency_ms) AS completed_at,
    last_ingested_at AS ingested_at,
    fold_version AS version
FROM
(
    WITH ('closing', 'access_log', 'witness') AS end_kinds
    SELECT
        org,
        created_at,
        record_id,
        dateDiff('millisecond', created_at, now64(3, 'UTC')) / 1000 AS age_seconds,
        countIf(kind = 'intent') > 0 AS has_intent,
        countIf(kind IN ('observation', 'report', 'deferred')) > 0 AS has_observation,
        countIf(kind = 'deferred') > 0 AS has_deferred,
        has_deferred AND countIf(kind IN ('intent', 'observation', 'report') OR kind IN end_kinds) = 0 AS is_derived,
        has_deferred AND ifNull(tupleElement(observation, 'usage_source'), 'none') != 'provider' AS use_deferred,
        countIf(kind = 'report') > 0 AS has_report,
        countIf(kind IN end_kinds) > 0 AS has_closing,
        -- The start of Envoy that carried the call is over: nothing more of it will come by itself.
        countIf(kind = 'run_ended') > 0 AS has_run_ended,
        countIf(kind = 'content') > 0 AS has_content,
        countIf(kind = 'erasure') > 0 AS erased,
        -- A price computed from other usage numbers does not apply.
        countIf(kind = 'pricing') > 0 AND (NOT use_deferred OR maxIf(version, kind = 'pricing') > maxIf(version, kind = 'deferred')) AS use_pricing,
        multiIf(use_pricing, tupleElement(pricing, 'cost_status'), use_deferred, tupleElement(deferred, 'cost_status'), tupleElement(observation, 'cost_status')) AS stated_cost_status,
        ifNull(tupleElement(intent, 'credential') = 'subscription', false)
            AND ifNull(stated_cost_status IN ('exact', 'estimated'), false) AS is_list_price,
        ifNull(tupleElement(observation, 'final'), false) AS observed,
        -- A provider may answer before the request has ended: then all that Envoy took in is all
        -- there is to see.
        ifNull(tupleElement(observation, 'request_complete'), false)
            OR ifNull(tupleElement(observation, 'request_bytes') >= tupleElement(closing, 'request_bytes'), false) AS saw_request,
        -- The protocol's last event was seen, and Envoy passed on all bytes up to it.
        ifNull(tupleElement(observation, 'answer_end_bytes') <= tupleElement(closing, 'response_bytes'), false) AS has_whole_answer,
        -- A websocket ends when either side closes its connection; a server's close comes as UC, as
        -- does a break.
        arrayFilter(flag -> ifNull(tupleElement(closing, 'status'), 0) != 101
                OR NOT (has(['DC', 'DR', 'DPE'], flag) OR (flag = 'UC' AND ifNull(tupleElement(observation, 'response_complete'), false))),
            splitByChar(',', ifNull(tupleElement(closing, 'response_flags'), ''))) AS flags,
        ifNull(tupleElement(closing, 'response_code_details'), '') AS details,
        max(ingested_at) AS last_ingested_at,
        -- The same as in 00_call_versions.sql, without joining what is grouped already.
        maxIf(version, kind = 'intent') + maxIf(version, kind = 'observation') + maxIf(version, kind = 'report')
            + maxIf(version, kind = 'deferred') + maxIf(version, kind = 'closing') + maxIf(version, kind = 'access_log')
            + maxIf(version, kind = 'witness') + maxIf(version, kind = 'pricing') + maxIf(version, kind = 'content')
            + maxIf(version, kind = 'run_ended') AS fold_version,
        argMaxIf(tuple(
            provider, method, endpoint, key_id, key_hint, status, error_code, claimed_request_id, caller_request_id,
            trace_id, user_agent, retry_count, tags, capture, credential, session_id,
            workload, namespace, service_account, cluster, identity_basis
        ), version, kind = 'intent')::Tuple(
            provider String, method Nullable(String), endpoint Nullable(String), key_id Nullable(String), key_hint Nullable(String),
            status Nullable(UInt16), error_code Nullable(String), claimed_request_id Nullable(String),
            caller_request_id Nullable(String), trace_id Nullable(String), user_agent Nullable(String),
            retry_count Nullable(UInt32), tags Map(String, String), capture Nullable(Bool),
            credential Nullable(String), session_id Nullable(String),
            workload Nullable(String), namespace Nullable(String), service_account Nullable(String),
            cluster Nullable(String), identity_basis Nullable(String)
        ) AS intent,
        argMaxIf(tuple(
            provider, method, endpoint, key_id, key_hint, status, `final`, stream, model, request_model,
            provider_request_id, finish_reason, service_tier, stream_error, usage_source, input_tokens, output_tokens,
            total_tokens, cached_input_tokens, cache_write_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
            reasoning_tokens, audio_input_tokens, audio_output_tokens, parser_version, cost_usd, cost_status,
            price_version, request_bytes, response_bytes, request_complete, response_complete, answer_end_bytes, gap, latency_ms,
            time_to_first_byte_ms, tags, cost_reason, billable, usage_raw, response_id, capture, prompt_preview,
            last_user_preview, completion_preview, prompt_hash, content_key, content_sha256, content_gap, turns
        ), (kind = 'observation', kind = 'report', version), kind IN ('observation', 'report', 'deferred'))::Tuple(
            provider String, method Nullable(String), endpoint Nullable(String), key_id Nullable(String), key_hint Nullable(String),
            status Nullable(UInt16), `final` Nullable(Bool), stream Nullable(Bool), model Nullable(String),
            request_model Nullable(String), provider_request_id Nullable(String), finish_reason Nullable(String),
            service_tier Nullable(String), stream_error Nullable(String), usage_source Nullable(String),
            input_tokens Nullable(UInt64), output_tokens Nullable(UInt64), total_tokens Nullable(UInt64),
            cached_input_tokens Nullable(UInt64), cache_write_tokens Nullable(UInt64),
            cache_write_5m_tokens Nullable(UInt64), cache_write_1h_tokens Nullable(UInt64),
            reasoning_tokens Nullable(UInt64), audio_input_tokens Nullable(UInt64), audio_output_tokens Nullable(UInt64),
            parser_version Nullable(String), cost_usd Nullable(Decimal(38, 12)), cost_status Nullable(String),
            price_version Nullable(String), request_bytes Nullable(UInt64), response_bytes Nullable(UInt64),
            request_complete Nullable(Bool), response_complete Nullable(Bool), answer_end_bytes Nullable(UInt64), gap Nullable(String),
            latency_ms Nullable(UInt64), time_to_first_byte_ms Nullable(UInt64), tags Map(String, String),
            cost_reason Nullable(String), billable Nullable(Bool), usage_raw Nullable(String), response_id Nullable(String),
            capture Nullable(Bool), prompt_preview Nullable(String), last_user_preview Nullable(String),
            completion_preview Nullable(String), prompt_hash Nullable(String), content_key Nullable(String), content_sha256 Nullable(String), content_gap Nullable(String),
            turns Nullable(UInt32)
        ) AS observation,
        argMaxIf(tuple(
            model, service_tier, usage_source, input_tokens, output_tokens, total_tokens, cached_input_tokens, cache_write_tokens,
            cache_write_5m_tokens, cache_write_1h_tokens, reasoning_tokens, audio_input_tokens, audio_output_tokens, usage_raw,
            parser_version, finish_reason, billable, cost_usd, cost_status, price_version, cost_reason, parent_id
        ), version, kind = 'deferred')::Tuple(
            model Nullable(String), service_tier Nullable(String), usage_source Nullable(String), input_tokens Nullable(UInt64),
            output_tokens Nullable(UInt64), total_tokens Nullable(UInt64), cached_input_tokens Nullable(UInt64),
            cache_write_tokens Nullable(UInt64), cache_write_5m_tokens Nullable(UInt64), cache_write_1h_tokens Nullable(UInt64),
            reasoning_tokens Nullable(UInt64), audio_input_tokens Nullable(UInt64), audio_output_tokens Nullable(UInt64),
            usage_raw Nullable(String), parser_version Nullable(String), finish_reason Nullable(String), billable Nullable(Bool),
            cost_usd Nullable(Decimal(38, 12)), cost_status Nullable(String), price_version Nullable(String),
            cost_reason Nullable(String), parent_id Nullable(String)
        ) AS deferred,
        argMaxIf(tuple(cost_usd, cost_status, price_version, cost_reason), version, kind = 'pricing')::Tuple(
            cost_usd Nullable(Decimal(38, 12)), cost_status Nullable(String), price_version Nullable(String), cost_reason Nullable(String)
        ) AS pricing,
        argMaxIf(tuple(
            provider, key_id, key_hint, status, response_flags, response_code_details, request_bytes, response_bytes,
            latency_ms, time_to_first_byte_ms
        ), (kind = 'closing', version), kind IN end_kinds)::Tuple(
            provider String, key_id Nullable(String), key_hint Nullable(String), status Nullable(UInt16),
            response_flags Nullable(String), response_code_details Nullable(String), request_bytes Nullable(UInt64),
            response_bytes Nullable(UInt64), latency_ms Nullable(UInt64), time_to_first_byte_ms Nullable(UInt64)
        ) AS closing,
        argMaxIf(tuple(content_key, content_sha256), version, kind = 'content')::Tuple(
            content_key Nullable(String), content_sha256 Nullable(String)
        ) AS content
    FROM evidence
    WHERE kind IN end_kinds OR kind IN ('intent', 'observation', 'report', 'pricing', 'deferred', 'content', 'erasure', 'run_ended')
    GROUP BY org, created_at, record_id
    -- A price or an object is said of a call that others have seen.
    HAVING (has_intent OR has_observation OR has_closing) AND NOT erased
);
