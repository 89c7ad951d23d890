/**
 * Flint Audit
 * 1
 * DO NOT MODIFY - This file has been generated using oazapfts.
 * See https://www.npmjs.com/package/oazapfts
 */
import * as Oazapfts from "@oazapfts/runtime";
import * as QS from "@oazapfts/runtime/query";
export const defaults: Oazapfts.Defaults<Oazapfts.CustomHeaders> = {
    headers: {},
    baseUrl: "/"
};
const oazapfts = Oazapfts.runtime(defaults);
export const servers = {
    server1: "/"
};
export type AuditRecord = {
    /** Unique id of the call (UUIDv7). */
    requestId: string;
    /** The AI provider, by its name in the path of the call. */
    provider: string;
    /** Model id in the provider’s answer. */
    model: string | null;
    /** Model id in the request; on Azure the name of the deployment. */
    requestModel: string | null;
    /** Provider API path, without query. */
    endpoint: string | null;
    /** HTTP method. */
    method: string | null;
    /** HTTP status the caller saw; null when the caller left before there was one. */
    status: number | null;
    /** How the call ended, as far as its evidence shows. */
    outcome: "complete" | "client_aborted" | "upstream_reset" | "upstream_timeout" | "upstream_error" | "rejected" | "capture_lost" | "unknown";
    /** Seen in the proxy, reported by the client that made the call, or found in another call’s answer (deferred work whose order is not known). */
    source: "proxy" | "mesh" | "client" | "derived";
    /** Of a derived record: the call whose answer reported it; once the ordering call is known, that call, which then has the numbers. */
    parentId: string | null;
    /** Whether the answer was streamed. */
    stream: boolean | null;
    /** Who said the token numbers. */
    usageSource: "provider" | "estimated" | "partial" | "none";
    /** All billable input, cached tokens and cache writes included. */
    inputTokens: number | null;
    /** All output, reasoning included. */
    outputTokens: number | null;
    /** Sum of input and output. */
    totalTokens: number | null;
    /** Part of inputTokens read from the provider’s cache. */
    cachedInputTokens: number | null;
    /** Part of inputTokens written to the provider’s cache. */
    cacheWriteTokens: number | null;
    /** Part of cacheWriteTokens kept for 5 minutes. */
    cacheWrite5mTokens: number | null;
    /** Part of cacheWriteTokens kept for an hour. */
    cacheWrite1hTokens: number | null;
    /** Part of outputTokens spent on reasoning. */
    reasoningTokens: number | null;
    /** Part of inputTokens that is audio. */
    audioInputTokens: number | null;
    /** Part of outputTokens that is audio. */
    audioOutputTokens: number | null;
    /** Estimated cost in US dollars from published prices; null when the price is unknown. */
    costUsd: number | null;
    /** How far the cost can be trusted. */
    costStatus: ("exact" | "estimated" | "unpriced" | null) | ("exact" | "estimated" | "unpriced" | null);
    /** Version of the rates: source, its version and a hash of the row; see the table `prices`. */
    priceVersion: string | null;
    /** Why the cost is not exact, or not known: unknown_model, no_usage, similar_model, missing_rate, …; all in docs/accuracy.md. */
    costReason: string | null;
    /** False where the call cannot be on the bill: polls, counts, refusals, errors. Their token numbers are another call’s, or are not billed. */
    billable: boolean | null;
    /** The provider’s usage object as it was reported; a list of them where it was reported in parts. Null when there was none. */
    usageRaw: any;
    /** Of a websocket: how many responses it carried; their usage is summed up in this record. Null for every other call. */
    turns: number | null;
    /** Version of the reader of the provider’s format. */
    parserVersion: string | null;
    /** Milliseconds from receipt to the last byte of the answer. */
    latencyMs: number | null;
    /** Milliseconds to the first byte of the answer. */
    timeToFirstByteMs: number | null;
    /** Bytes of the request’s body. */
    requestBytes: number | null;
    /** Bytes of the answer’s body. */
    responseBytes: number | null;
    /** Why the model stopped, in the provider’s words. */
    finishReason: string | null;
    /** The provider’s id of the call. */
    providerRequestId: string | null;
    /** The provider’s id of what the call made: a response, message, run, batch, interaction. */
    responseId: string | null;
    /** The provider’s service tier. */
    serviceTier: string | null;
    /** Type or code of an error inside an answer that began with 200, streamed or not. */
    streamError: string | null;
    /** Error code of a call that Flint refused. */
    errorCode: string | null;
    /** Why the capture is not whole: `stream_lost`, `observer_overloaded`, `unreadable_encoding`, `unreadable_body`, `reading_failed`, `call_ended_early`, `row_refused` (the store refused the row; what could be kept of it is here); null when it is whole, or when no one observed the call. */
    captureGap: string | null;
    /** Id of the Flint key; null where the call came through a mesh without one. */
    keyId: string | null;
    /** Last 4 characters of the provider key. */
    keyHint: string | null;
    /** What the provider key is by its shape. A `subscription` is not billed by the token: costUsd is the list price then (costReason `subscription`). `signature`: the request was signed, and carried no key. Null where the shape does not say. */
    credential: ("api_key" | "oauth" | "subscription" | "signature" | null) | ("api_key" | "oauth" | "subscription" | "signature" | null);
    /** The workload that made a call that came through a mesh: its SPIFFE ID, the name that its proxy has of it, or an address, by `identityBasis`. Null for every other call. */
    workload: string | null;
    /** The namespace of that workload, as far as `identityBasis` says it. */
    "namespace": string | null;
    /** Its service account, likewise. */
    serviceAccount: string | null;
    /** The cluster of the proxy that took the call, as the proxy says. */
    cluster: string | null;
    /** From what the workload is known. Verified: `peer_certificate` (its own certificate, checked by Envoy) and `proxy_certificate` (that of the proxy beside it, checked by Flint). Claimed: `node_metadata` (the metadata of that proxy) and `source_address`. `none`: nothing was said. Null where the call came through no mesh. */
    identityBasis: ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | null) | ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | null);
    /** Whether prompt capture was on when the call came; null for a refused call. */
    promptCapture: boolean | null;
    /** First 100 characters of the prompt. Scope `prompts`; else null. */
    promptPreview: string | null;
    /** First 100 characters of the last text of the last message of the role `user`: what was asked last, where prompts begin with the same system text. Null where there is none. Scope `prompts`; else null. */
    lastUserPreview: string | null;
    /** Hash of the full prompt (settings: promptHashMode), for deduplication. Scope `prompts`; else null. */
    promptHash: string | null;
    /** First 100 characters of the completion; calls through the proxy only. Scope `prompts`; else null. */
    completionPreview: string | null;
    /** Key of the object that holds the full prompt and completion: GET /v1/audit/prompt/{requestId}. */
    promptS3Key: string | null;
    /** Why the text of the request is not known, or text that was there is not kept: `request_unreadable` (also without prompt capture: the model is not known then either), `unknown_endpoint`, `websocket` (its messages held sound or pictures alone, which are not kept), `websocket_partial` (some did, or could not be decoded; the text of the others is kept), `over_budget`, `spool_full`, `capture_failed`. */
    contentGap: string | null;
    /** x-flint-request-id of the caller; claimed, not verified. */
    claimedRequestId: string | null;
    /** x-request-id of the caller, else x-client-request-id. */
    callerRequestId: string | null;
    /** The session that the call is part of, as coding agents name it: x-claude-code-session-id, session-id, session_id, thread-id or x-session-id of the caller; claimed, not verified. */
    sessionId: string | null;
    /** Trace id of the caller’s traceparent. */
    traceId: string | null;
    /** User agent of the caller. */
    userAgent: string | null;
    /** Which retry of the SDK this was. */
    retryCount: number | null;
    /** x-flint-tag-* of the caller; claimed, not verified. */
    tags: {
        [key: string]: string;
    };
    /** When the call was received. ISO 8601, UTC. */
    createdAt: string;
    /** When its last byte was sent. ISO 8601, UTC. */
    completedAt: string | null;
    /** When the record is deleted, unless a legal hold keeps it: createdAt plus retentionDays as it is set now. ISO 8601, UTC. */
    expiresAt: string;
    /** When its newest evidence was stored: a stable cursor for exporters. ISO 8601, UTC. */
    ingestedAt: string;
};
export type AuditRecordPart = {
    /** Unique id of the call (UUIDv7). */
    requestId?: string;
    /** The AI provider, by its name in the path of the call. */
    provider?: string;
    /** Model id in the provider’s answer. */
    model?: string | null;
    /** Model id in the request; on Azure the name of the deployment. */
    requestModel?: string | null;
    /** Provider API path, without query. */
    endpoint?: string | null;
    /** HTTP method. */
    method?: string | null;
    /** HTTP status the caller saw; null when the caller left before there was one. */
    status?: number | null;
    /** How the call ended, as far as its evidence shows. */
    outcome?: "complete" | "client_aborted" | "upstream_reset" | "upstream_timeout" | "upstream_error" | "rejected" | "capture_lost" | "unknown";
    /** Seen in the proxy, reported by the client that made the call, or found in another call’s answer (deferred work whose order is not known). */
    source?: "proxy" | "mesh" | "client" | "derived";
    /** Of a derived record: the call whose answer reported it; once the ordering call is known, that call, which then has the numbers. */
    parentId?: string | null;
    /** Whether the answer was streamed. */
    stream?: boolean | null;
    /** Who said the token numbers. */
    usageSource?: "provider" | "estimated" | "partial" | "none";
    /** All billable input, cached tokens and cache writes included. */
    inputTokens?: number | null;
    /** All output, reasoning included. */
    outputTokens?: number | null;
    /** Sum of input and output. */
    totalTokens?: number | null;
    /** Part of inputTokens read from the provider’s cache. */
    cachedInputTokens?: number | null;
    /** Part of inputTokens written to the provider’s cache. */
    cacheWriteTokens?: number | null;
    /** Part of cacheWriteTokens kept for 5 minutes. */
    cacheWrite5mTokens?: number | null;
    /** Part of cacheWriteTokens kept for an hour. */
    cacheWrite1hTokens?: number | null;
    /** Part of outputTokens spent on reasoning. */
    reasoningTokens?: number | null;
    /** Part of inputTokens that is audio. */
    audioInputTokens?: number | null;
    /** Part of outputTokens that is audio. */
    audioOutputTokens?: number | null;
    /** Estimated cost in US dollars from published prices; null when the price is unknown. */
    costUsd?: number | null;
    /** How far the cost can be trusted. */
    costStatus?: ("exact" | "estimated" | "unpriced" | null) | ("exact" | "estimated" | "unpriced" | null);
    /** Version of the rates: source, its version and a hash of the row; see the table `prices`. */
    priceVersion?: string | null;
    /** Why the cost is not exact, or not known: unknown_model, no_usage, similar_model, missing_rate, …; all in docs/accuracy.md. */
    costReason?: string | null;
    /** False where the call cannot be on the bill: polls, counts, refusals, errors. Their token numbers are another call’s, or are not billed. */
    billable?: boolean | null;
    /** The provider’s usage object as it was reported; a list of them where it was reported in parts. Null when there was none. */
    usageRaw?: any;
    /** Of a websocket: how many responses it carried; their usage is summed up in this record. Null for every other call. */
    turns?: number | null;
    /** Version of the reader of the provider’s format. */
    parserVersion?: string | null;
    /** Milliseconds from receipt to the last byte of the answer. */
    latencyMs?: number | null;
    /** Milliseconds to the first byte of the answer. */
    timeToFirstByteMs?: number | null;
    /** Bytes of the request’s body. */
    requestBytes?: number | null;
    /** Bytes of the answer’s body. */
    responseBytes?: number | null;
    /** Why the model stopped, in the provider’s words. */
    finishReason?: string | null;
    /** The provider’s id of the call. */
    providerRequestId?: string | null;
    /** The provider’s id of what the call made: a response, message, run, batch, interaction. */
    responseId?: string | null;
    /** The provider’s service tier. */
    serviceTier?: string | null;
    /** Type or code of an error inside an answer that began with 200, streamed or not. */
    streamError?: string | null;
    /** Error code of a call that Flint refused. */
    errorCode?: string | null;
    /** Why the capture is not whole: `stream_lost`, `observer_overloaded`, `unreadable_encoding`, `unreadable_body`, `reading_failed`, `call_ended_early`, `row_refused` (the store refused the row; what could be kept of it is here); null when it is whole, or when no one observed the call. */
    captureGap?: string | null;
    /** Id of the Flint key; null where the call came through a mesh without one. */
    keyId?: string | null;
    /** Last 4 characters of the provider key. */
    keyHint?: string | null;
    /** What the provider key is by its shape. A `subscription` is not billed by the token: costUsd is the list price then (costReason `subscription`). `signature`: the request was signed, and carried no key. Null where the shape does not say. */
    credential?: ("api_key" | "oauth" | "subscription" | "signature" | null) | ("api_key" | "oauth" | "subscription" | "signature" | null);
    /** The workload that made a call that came through a mesh: its SPIFFE ID, the name that its proxy has of it, or an address, by `identityBasis`. Null for every other call. */
    workload?: string | null;
    /** The namespace of that workload, as far as `identityBasis` says it. */
    "namespace"?: string | null;
    /** Its service account, likewise. */
    serviceAccount?: string | null;
    /** The cluster of the proxy that took the call, as the proxy says. */
    cluster?: string | null;
    /** From what the workload is known. Verified: `peer_certificate` (its own certificate, checked by Envoy) and `proxy_certificate` (that of the proxy beside it, checked by Flint). Claimed: `node_metadata` (the metadata of that proxy) and `source_address`. `none`: nothing was said. Null where the call came through no mesh. */
    identityBasis?: ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | null) | ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | null);
    /** Whether prompt capture was on when the call came; null for a refused call. */
    promptCapture?: boolean | null;
    /** First 100 characters of the prompt. Scope `prompts`; else null. */
    promptPreview?: string | null;
    /** First 100 characters of the last text of the last message of the role `user`: what was asked last, where prompts begin with the same system text. Null where there is none. Scope `prompts`; else null. */
    lastUserPreview?: string | null;
    /** Hash of the full prompt (settings: promptHashMode), for deduplication. Scope `prompts`; else null. */
    promptHash?: string | null;
    /** First 100 characters of the completion; calls through the proxy only. Scope `prompts`; else null. */
    completionPreview?: string | null;
    /** Key of the object that holds the full prompt and completion: GET /v1/audit/prompt/{requestId}. */
    promptS3Key?: string | null;
    /** Why the text of the request is not known, or text that was there is not kept: `request_unreadable` (also without prompt capture: the model is not known then either), `unknown_endpoint`, `websocket` (its messages held sound or pictures alone, which are not kept), `websocket_partial` (some did, or could not be decoded; the text of the others is kept), `over_budget`, `spool_full`, `capture_failed`. */
    contentGap?: string | null;
    /** x-flint-request-id of the caller; claimed, not verified. */
    claimedRequestId?: string | null;
    /** x-request-id of the caller, else x-client-request-id. */
    callerRequestId?: string | null;
    /** The session that the call is part of, as coding agents name it: x-claude-code-session-id, session-id, session_id, thread-id or x-session-id of the caller; claimed, not verified. */
    sessionId?: string | null;
    /** Trace id of the caller’s traceparent. */
    traceId?: string | null;
    /** User agent of the caller. */
    userAgent?: string | null;
    /** Which retry of the SDK this was. */
    retryCount?: number | null;
    /** x-flint-tag-* of the caller; claimed, not verified. */
    tags?: {
        [key: string]: string;
    };
    /** When the call was received. ISO 8601, UTC. */
    createdAt?: string;
    /** When its last byte was sent. ISO 8601, UTC. */
    completedAt?: string | null;
    /** When the record is deleted, unless a legal hold keeps it: createdAt plus retentionDays as it is set now. ISO 8601, UTC. */
    expiresAt?: string;
    /** When its newest evidence was stored: a stable cursor for exporters. ISO 8601, UTC. */
    ingestedAt?: string;
};
export type FlintError = {
    error: {
        /** Stable and machine-readable. */
        code: "unknown_provider" | "missing_provider_key" | "invalid_request" | "invalid_api_key" | "not_signed_in" | "forbidden" | "not_found" | "conflict" | "misdirected" | "rate_limited" | "upstream_error" | "audit_unavailable";
        /** For people; may change. Names the parameter that is at fault. */
        message: string;
        "type": "flint_error";
        /** A finer code where one error has several causes, e.g. `in_progress`. */
        reason?: string;
    };
};
export type SummaryTotals = {
    /** Records. */
    calls: number;
    /** Calls by outcome. */
    outcomes: {
        complete: number;
        client_aborted: number;
        upstream_reset: number;
        upstream_timeout: number;
        upstream_error: number;
        rejected: number;
        capture_lost: number;
        "unknown": number;
    };
    /** Forwarded calls that ended with a status of 400 or more, or an outcome `upstream_*`. */
    failed: number;
    /** Calls by who said the token numbers. */
    usageSources: {
        provider: number;
        estimated: number;
        partial: number;
        none: number;
    };
    /** Sums over calls that are on a bill or may be (`billable` is not false). `input` holds cachedInput, cacheWrite and audioInput; `output` holds reasoning and audioOutput. */
    tokens?: {
        input: number;
        output: number;
        total: number;
        cachedInput: number;
        cacheWrite: number;
        cacheWrite5m: number;
        cacheWrite1h: number;
        reasoning: number;
        audioInput: number;
        audioOutput: number;
    };
    /** By costStatus. */
    cost?: {
        exact: {
            calls: number;
            /** US dollars. */
            usd: number;
        };
        estimated: {
            calls: number;
            /** US dollars. */
            usd: number;
        };
        unpriced: {
            /** Without a price: as soon as there is one, the cost is at least the sum. */
            calls: number;
        };
    };
    /** Of `complete` calls through Envoy (`source` `proxy` or `mesh`), websockets not among them. Percentiles are off by 2.5 % at most; null without calls. */
    latency?: {
        /** Calls whose time is known. */
        calls: number;
        p50Ms: number | null;
        p90Ms: number | null;
        p99Ms: number | null;
        /** Steps of 5 % that have calls; not of buckets. */
        histogram?: {
            /** Inclusive. */
            fromMs: number;
            /** Exclusive. */
            toMs: number;
            calls: number;
        }[];
    };
    /** Of `complete` calls through Envoy (`source` `proxy` or `mesh`), websockets not among them. Percentiles are off by 2.5 % at most; null without calls. */
    firstByte?: {
        /** Calls whose time is known. */
        calls: number;
        p50Ms: number | null;
        p90Ms: number | null;
        p99Ms: number | null;
        /** Steps of 5 % that have calls; not of buckets. */
        histogram?: {
            /** Inclusive. */
            fromMs: number;
            /** Exclusive. */
            toMs: number;
            calls: number;
        }[];
    };
};
export type Hold = {
    id: string;
    reason: string;
    /** As it was given; null: everything of the organisation. */
    filter: {
        [key: string]: any;
    } | {
        [key: string]: any;
    };
    /** There is no filter, or a newer version placed one that this version does not know: then everything of the organisation is held. */
    holdsEverything: boolean;
    /** ISO 8601, UTC. */
    placedAt: string;
    /** Id of the Flint key that placed it. */
    placedBy: string;
    /** Null while it is in force. */
    releasedAt: string | null;
    /** Id of the Flint key that released it. */
    releasedBy: string | null;
    /** Why it was released. */
    releaseReason: string | null;
};
export type AuditEvent = {
    id: string;
    /** ISO 8601 with microseconds, UTC. */
    at: string;
    /** Id of the Flint key that did it; `issuer#subject` of the user; `operator`; `cli`: on the machine itself; `flint`: by itself. */
    actor: string;
    actorKind: "key" | "user" | "operator" | "cli" | "flint";
    /** Name of the key as it is called now; of a user their e-mail address or name, `(unverified)` where the identity provider does not vouch for it; null for others. */
    actorName: string | null;
    /** The door: the dashboard, this API, the gate, the command line; `flint`: it did it by itself. */
    via: "dashboard" | "api" | "gate" | "cli" | "flint";
    /** Session of the dashboard in which it was done; null: there was none. */
    sessionId: string | null;
    action: "key.created" | "key.renamed" | "key.rotated" | "key.revoked" | "settings.changed" | "hold.placed" | "hold.released" | "organisation.created" | "organisation.renamed" | "prompt.read" | "attachment.read" | "record.erased" | "records.erased" | "records.exported" | "authentication.failed" | "session.started" | "session.ended" | "session.refused" | "session.link_made" | "sql_user.added" | "sql_user.changed" | "sql_user.removed" | "view.changed" | "mesh.assigned" | "mesh.unassigned";
    /** Id of the key, organisation, record, hold, session or view it happened to. */
    subject: string;
    /** Why, as the actor said; of failed authentication its kind. */
    reason: string | null;
    /** What was changed, as it was. */
    old: {
        [key: string]: any;
    } | {
        [key: string]: any;
    };
    /** What was changed, as it became. */
    "new": {
        [key: string]: any;
    } | {
        [key: string]: any;
    };
};
export type ListedKey = {
    id: string;
    name: string;
    /** What the key may do. */
    scopes: string[];
    /** ISO 8601. */
    createdAt: string;
    /** ISO 8601; null: it does not expire. */
    expiresAt: string | null;
    /** Prefix and last four characters. */
    hint: string;
    /** ISO 8601; null: it is not revoked. */
    revokedAt: string | null;
    /** When it last made a call or a report, or asked this API (to the minute); null: never. ISO 8601. */
    lastUsedAt: string | null;
    state: "active" | "expired" | "revoked";
};
export type View = {
    id: string;
    /** For people; need not be unique. */
    name: string;
    /** Filters, columns and grouping as the page writes them behind the `?` of its address. What the page does not know it shows as such: this API checks the form alone. */
    query: string;
    /** All of the organisation with the scope `read` see it. */
    shared: boolean;
    /** Who keeps it: id of a Flint key, or `issuer#subject` of a user. */
    owner: string;
    /** Who asks keeps it. */
    mine: boolean;
    /** ISO 8601, UTC. */
    createdAt: string;
    changedAt: string;
};
export type Organisation = {
    id: string;
    name: string;
    /** ISO 8601. */
    createdAt: string;
};
/**
 * Is the process up?
 */
export function healthz(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ok";
        };
    }>("/healthz", {
        ...opts
    });
}
/**
 * Can it do its work?
 */
export function readyz(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ready";
        };
    } | {
        status: 503;
        data: {
            status: "unavailable";
            reasons: string[];
            error: {
                [key: string]: any;
            };
        };
    }>("/readyz", {
        ...opts
    });
}
/**
 * List audit records
 */
export function listAuditRecords({ $from, to, completedFrom, completedTo, ingestedFrom, ingestedTo, minCostUsd, maxCostUsd, minLatencyMs, maxLatencyMs, minTotalTokens, maxTotalTokens, timeZone, provider, model, recordModel, endpoint, outcome, failed, source, status, stream, usageSource, costStatus, billable, captureGap, keyId, keyHint, credential, tag, sessionId, traceId, callerRequestId, claimedRequestId, providerRequestId, responseId, userAgent, promptHash, workload, $namespace, serviceAccount, cluster, identityBasis, order, fields, around, limit, cursor }: {
    $from?: string;
    to?: string;
    completedFrom?: string;
    completedTo?: string;
    ingestedFrom?: string;
    ingestedTo?: string;
    minCostUsd?: string;
    maxCostUsd?: string;
    minLatencyMs?: number;
    maxLatencyMs?: number;
    minTotalTokens?: number;
    maxTotalTokens?: number;
    timeZone?: string;
    provider?: string[];
    model?: string[];
    recordModel?: string[];
    endpoint?: string[];
    outcome?: ("complete" | "client_aborted" | "upstream_reset" | "upstream_timeout" | "upstream_error" | "rejected" | "capture_lost" | "unknown" | "!complete" | "!client_aborted" | "!upstream_reset" | "!upstream_timeout" | "!upstream_error" | "!rejected" | "!capture_lost" | "!unknown")[];
    failed?: ("true" | "false" | "!true" | "!false")[];
    source?: ("proxy" | "mesh" | "client" | "derived" | "!proxy" | "!mesh" | "!client" | "!derived")[];
    status?: string[];
    stream?: ("true" | "false" | "!true" | "!false")[];
    usageSource?: ("provider" | "estimated" | "partial" | "none" | "!provider" | "!estimated" | "!partial" | "!none")[];
    costStatus?: ("exact" | "estimated" | "unpriced" | "!exact" | "!estimated" | "!unpriced")[];
    billable?: ("true" | "false" | "!true" | "!false")[];
    captureGap?: string[];
    keyId?: string[];
    keyHint?: string[];
    credential?: ("api_key" | "oauth" | "subscription" | "signature" | "!api_key" | "!oauth" | "!subscription" | "!signature")[];
    tag?: string[];
    sessionId?: string[];
    traceId?: string[];
    callerRequestId?: string[];
    claimedRequestId?: string[];
    providerRequestId?: string[];
    responseId?: string[];
    userAgent?: string[];
    promptHash?: string[];
    workload?: string[];
    $namespace?: string[];
    serviceAccount?: string[];
    cluster?: string[];
    identityBasis?: ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | "!peer_certificate" | "!proxy_certificate" | "!node_metadata" | "!source_address" | "!none")[];
    order?: "desc" | "asc";
    fields?: string[];
    around?: string;
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            records: (AuditRecord | AuditRecordPart)[];
            /** Continues the list; null on the last page. */
            nextCursor: string | null;
            /** Goes back to the page before this one; null on the first page. */
            prevCursor: string | null;
            /** Records on this page. */
            count: number;
            /** The time by `createdAt` that the list covers: what the request asks for, as far back as records are kept. */
            range: {
                /** Inclusive. ISO 8601, UTC. */
                "from": string;
                /** Exclusive. ISO 8601, UTC; null where the request names no end. */
                to: string | null;
            };
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit${QS.query(QS.explode({
        "from": $from,
        to,
        completedFrom,
        completedTo,
        ingestedFrom,
        ingestedTo,
        minCostUsd,
        maxCostUsd,
        minLatencyMs,
        maxLatencyMs,
        minTotalTokens,
        maxTotalTokens,
        timeZone,
        provider,
        model,
        recordModel,
        endpoint,
        outcome,
        failed,
        source,
        status,
        stream,
        usageSource,
        costStatus,
        billable,
        captureGap,
        keyId,
        keyHint,
        credential,
        tag,
        sessionId,
        traceId,
        callerRequestId,
        claimedRequestId,
        providerRequestId,
        responseId,
        userAgent,
        promptHash,
        workload,
        "namespace": $namespace,
        serviceAccount,
        cluster,
        identityBasis,
        order,
        fields,
        around,
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Get one audit record
 */
export function getAuditRecord(requestId: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AuditRecord;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/${encodeURIComponent(requestId)}`, {
        ...opts
    });
}
/**
 * Erase one record
 */
export function eraseRecord(requestId: string, { reason }: {
    reason?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Names the act in its event and on its tombstones. */
            erasureId: string;
            /** Records that are gone. */
            erased: number;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 409;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/${encodeURIComponent(requestId)}${QS.query(QS.explode({
        reason
    }))}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Sums over audit records
 */
export function summariseAuditRecords({ $from, to, completedFrom, completedTo, ingestedFrom, ingestedTo, minCostUsd, maxCostUsd, minLatencyMs, maxLatencyMs, minTotalTokens, maxTotalTokens, timeZone, provider, model, recordModel, endpoint, outcome, failed, source, status, stream, usageSource, costStatus, billable, captureGap, keyId, keyHint, credential, tag, sessionId, traceId, callerRequestId, claimedRequestId, providerRequestId, responseId, userAgent, promptHash, workload, $namespace, serviceAccount, cluster, identityBasis, groupBy, bucket, measures, compare, limit }: {
    $from?: string;
    to?: string;
    completedFrom?: string;
    completedTo?: string;
    ingestedFrom?: string;
    ingestedTo?: string;
    minCostUsd?: string;
    maxCostUsd?: string;
    minLatencyMs?: number;
    maxLatencyMs?: number;
    minTotalTokens?: number;
    maxTotalTokens?: number;
    timeZone?: string;
    provider?: string[];
    model?: string[];
    recordModel?: string[];
    endpoint?: string[];
    outcome?: ("complete" | "client_aborted" | "upstream_reset" | "upstream_timeout" | "upstream_error" | "rejected" | "capture_lost" | "unknown" | "!complete" | "!client_aborted" | "!upstream_reset" | "!upstream_timeout" | "!upstream_error" | "!rejected" | "!capture_lost" | "!unknown")[];
    failed?: ("true" | "false" | "!true" | "!false")[];
    source?: ("proxy" | "mesh" | "client" | "derived" | "!proxy" | "!mesh" | "!client" | "!derived")[];
    status?: string[];
    stream?: ("true" | "false" | "!true" | "!false")[];
    usageSource?: ("provider" | "estimated" | "partial" | "none" | "!provider" | "!estimated" | "!partial" | "!none")[];
    costStatus?: ("exact" | "estimated" | "unpriced" | "!exact" | "!estimated" | "!unpriced")[];
    billable?: ("true" | "false" | "!true" | "!false")[];
    captureGap?: string[];
    keyId?: string[];
    keyHint?: string[];
    credential?: ("api_key" | "oauth" | "subscription" | "signature" | "!api_key" | "!oauth" | "!subscription" | "!signature")[];
    tag?: string[];
    sessionId?: string[];
    traceId?: string[];
    callerRequestId?: string[];
    claimedRequestId?: string[];
    providerRequestId?: string[];
    responseId?: string[];
    userAgent?: string[];
    promptHash?: string[];
    workload?: string[];
    $namespace?: string[];
    serviceAccount?: string[];
    cluster?: string[];
    identityBasis?: ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | "!peer_certificate" | "!proxy_certificate" | "!node_metadata" | "!source_address" | "!none")[];
    groupBy?: string;
    bucket?: "auto" | "none" | "15m" | "1h" | "1d" | "1w" | "1mo";
    measures?: string;
    compare?: "previous";
    limit?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            range: {
                /** Inclusive. */
                "from": string;
                /** Exclusive. */
                to: string;
                timeZone: string;
                /** Calls created before are over their retention, and in no sum. */
                keptSince: string;
            };
            /** The span that each `before` is of; left out without `compare`. */
            comparedWith?: {
                "from": string;
                to: string;
            };
            bucket: "15m" | "1h" | "1d" | "1w" | "1mo" | "none";
            /** All that was stored before is in these sums; null before the first record. What waits in a spool is in none. */
            dataUntil: string | null;
            totals: SummaryTotals;
            before?: SummaryTotals;
            /** Without a gap, oldest first; empty for `bucket=none`. */
            buckets: {
                "from": string;
                to: string;
                totals: SummaryTotals;
            }[];
            /** Highest cost first, at most `limit`; empty without `groupBy`. */
            groups: {
                /** The names of `groupBy` and their values; unknown is null, and so is a tag that a call does not carry. */
                key: {
                    provider?: string | null;
                    model?: string | null;
                    requestModel?: string | null;
                    endpoint?: string | null;
                    outcome?: string | null;
                    source?: string | null;
                    status?: number | null;
                    stream?: boolean | null;
                    billable?: boolean | null;
                    usageSource?: string | null;
                    costStatus?: string | null;
                    keyId?: string | null;
                    credential?: string | null;
                    workload?: string | null;
                    "namespace"?: string | null;
                    serviceAccount?: string | null;
                    cluster?: string | null;
                    identityBasis?: string | null;
                    [key: string]: any;
                };
                totals: SummaryTotals;
                before?: SummaryTotals;
                /** Without a gap, oldest first; empty for `bucket=none`. */
                buckets: {
                    "from": string;
                    to: string;
                    totals: SummaryTotals;
                }[];
            }[];
            /** All groups that are not named; left out where all are. */
            other?: {
                totals: SummaryTotals;
                before?: SummaryTotals;
                /** Without a gap, oldest first; empty for `bucket=none`. */
                buckets: {
                    "from": string;
                    to: string;
                    totals: SummaryTotals;
                }[];
            };
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/summary${QS.query(QS.explode({
        "from": $from,
        to,
        completedFrom,
        completedTo,
        ingestedFrom,
        ingestedTo,
        minCostUsd,
        maxCostUsd,
        minLatencyMs,
        maxLatencyMs,
        minTotalTokens,
        maxTotalTokens,
        timeZone,
        provider,
        model,
        recordModel,
        endpoint,
        outcome,
        failed,
        source,
        status,
        stream,
        usageSource,
        costStatus,
        billable,
        captureGap,
        keyId,
        keyHint,
        credential,
        tag,
        sessionId,
        traceId,
        callerRequestId,
        claimedRequestId,
        providerRequestId,
        responseId,
        userAgent,
        promptHash,
        workload,
        "namespace": $namespace,
        serviceAccount,
        cluster,
        identityBasis,
        groupBy,
        bucket,
        measures,
        compare,
        limit
    }))}`, {
        ...opts
    });
}
/**
 * Dearest, slowest or largest calls
 */
export function listTopAuditRecords(by: "costUsd" | "latencyMs" | "totalTokens", { $from, to, completedFrom, completedTo, ingestedFrom, ingestedTo, minCostUsd, maxCostUsd, minLatencyMs, maxLatencyMs, minTotalTokens, maxTotalTokens, timeZone, provider, model, recordModel, endpoint, outcome, failed, source, status, stream, usageSource, costStatus, billable, captureGap, keyId, keyHint, credential, tag, sessionId, traceId, callerRequestId, claimedRequestId, providerRequestId, responseId, userAgent, promptHash, workload, $namespace, serviceAccount, cluster, identityBasis, limit }: {
    $from?: string;
    to?: string;
    completedFrom?: string;
    completedTo?: string;
    ingestedFrom?: string;
    ingestedTo?: string;
    minCostUsd?: string;
    maxCostUsd?: string;
    minLatencyMs?: number;
    maxLatencyMs?: number;
    minTotalTokens?: number;
    maxTotalTokens?: number;
    timeZone?: string;
    provider?: string[];
    model?: string[];
    recordModel?: string[];
    endpoint?: string[];
    outcome?: ("complete" | "client_aborted" | "upstream_reset" | "upstream_timeout" | "upstream_error" | "rejected" | "capture_lost" | "unknown" | "!complete" | "!client_aborted" | "!upstream_reset" | "!upstream_timeout" | "!upstream_error" | "!rejected" | "!capture_lost" | "!unknown")[];
    failed?: ("true" | "false" | "!true" | "!false")[];
    source?: ("proxy" | "mesh" | "client" | "derived" | "!proxy" | "!mesh" | "!client" | "!derived")[];
    status?: string[];
    stream?: ("true" | "false" | "!true" | "!false")[];
    usageSource?: ("provider" | "estimated" | "partial" | "none" | "!provider" | "!estimated" | "!partial" | "!none")[];
    costStatus?: ("exact" | "estimated" | "unpriced" | "!exact" | "!estimated" | "!unpriced")[];
    billable?: ("true" | "false" | "!true" | "!false")[];
    captureGap?: string[];
    keyId?: string[];
    keyHint?: string[];
    credential?: ("api_key" | "oauth" | "subscription" | "signature" | "!api_key" | "!oauth" | "!subscription" | "!signature")[];
    tag?: string[];
    sessionId?: string[];
    traceId?: string[];
    callerRequestId?: string[];
    claimedRequestId?: string[];
    providerRequestId?: string[];
    responseId?: string[];
    userAgent?: string[];
    promptHash?: string[];
    workload?: string[];
    $namespace?: string[];
    serviceAccount?: string[];
    cluster?: string[];
    identityBasis?: ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | "!peer_certificate" | "!proxy_certificate" | "!node_metadata" | "!source_address" | "!none")[];
    limit?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Inclusive. */
            "from": string;
            /** Exclusive. */
            to: string;
            /** Highest first; of equal ones the newest first. */
            records: AuditRecord[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/top${QS.query(QS.explode({
        "from": $from,
        to,
        completedFrom,
        completedTo,
        ingestedFrom,
        ingestedTo,
        minCostUsd,
        maxCostUsd,
        minLatencyMs,
        maxLatencyMs,
        minTotalTokens,
        maxTotalTokens,
        timeZone,
        provider,
        model,
        recordModel,
        endpoint,
        outcome,
        failed,
        source,
        status,
        stream,
        usageSource,
        costStatus,
        billable,
        captureGap,
        keyId,
        keyHint,
        credential,
        tag,
        sessionId,
        traceId,
        callerRequestId,
        claimedRequestId,
        providerRequestId,
        responseId,
        userAgent,
        promptHash,
        workload,
        "namespace": $namespace,
        serviceAccount,
        cluster,
        identityBasis,
        by,
        limit
    }))}`, {
        ...opts
    });
}
/**
 * Get the evidence of a record
 */
export function getEvidence(requestId: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            requestId: string;
            /** The newest row of each kind, as they arrived. */
            rows: {
                /** intent (the gate), observation (the observer), closing (Envoy’s access log stream), access_log (Envoy’s log file), report (the client), deferred (a later poll), pricing (priced again), content (prompt stored), run_ended, sighting (the gate: a second proxy had the call too). */
                kind: string;
                /** The process that wrote it: instance and role. */
                writer: string;
                /** Microseconds, by the writer’s clock; later rows replace. */
                version: number;
                /** When the store had it. */
                ingestedAt: string;
                /** What it says, by the names of the table `evidence`; what it does not say is left out. */
                columns: {
                    [key: string]: any;
                };
            }[];
            /** Field of the record → kind of the row it was taken from; null where no row has it, or it is computed from several (`outcome`, `source`). */
            "from": {
                [key: string]: string | null;
            };
            /** How the record came by its cost; null without a price. */
            price: {
                /** `priceVersion` of the record. */
                version: string;
                /** The book, contract or file with its version; `reported`: the provider itself. */
                source: string;
                /** As the source writes them: dollars per million tokens (`_mtok`), per thousand calls of a tool (`_kcount`). Null where there are several, or none were kept. */
                rates: {
                    [key: string]: any;
                } | {
                    [key: string]: any;
                };
                /** What the token rates were multiplied by (`tier:flex=1/2`), and fees added. */
                terms: string[] | null;
                /** What the cost is the sum of. Null where it cannot be made again: shares with rates of their own, speech by its length, or parts that do not add up to the cost. */
                components: {
                    bucket: string;
                    /** Of a fee: calls of the tool. */
                    tokens: number;
                    /** Terms applied. */
                    usdPerMillion: number;
                    usd: number;
                }[] | null;
            } | null;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/${encodeURIComponent(requestId)}/evidence`, {
        ...opts
    });
}
/**
 * Find records by any id
 */
export function findAuditRecords(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Records that have it, newest first, at most 100; empty where there is none. */
            requestIds: string[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/find${QS.query(QS.explode({
        id
    }))}`, {
        ...opts
    });
}
/**
 * Values of a field, with counts
 */
export function listFacets(field: "provider" | "model" | "requestModel" | "endpoint" | "outcome" | "source" | "status" | "stream" | "billable" | "usageSource" | "costStatus" | "keyId" | "credential" | "workload" | "namespace" | "serviceAccount" | "cluster" | "identityBasis" | "method" | "costReason" | "finishReason" | "serviceTier" | "streamError" | "errorCode" | "captureGap" | "keyHint" | "sessionId" | "userAgent" | "tag", { $from, to, completedFrom, completedTo, ingestedFrom, ingestedTo, minCostUsd, maxCostUsd, minLatencyMs, maxLatencyMs, minTotalTokens, maxTotalTokens, timeZone, provider, model, recordModel, endpoint, outcome, failed, source, status, stream, usageSource, costStatus, billable, captureGap, keyId, keyHint, credential, tag, sessionId, traceId, callerRequestId, claimedRequestId, providerRequestId, responseId, userAgent, promptHash, workload, $namespace, serviceAccount, cluster, identityBasis, q }: {
    $from?: string;
    to?: string;
    completedFrom?: string;
    completedTo?: string;
    ingestedFrom?: string;
    ingestedTo?: string;
    minCostUsd?: string;
    maxCostUsd?: string;
    minLatencyMs?: number;
    maxLatencyMs?: number;
    minTotalTokens?: number;
    maxTotalTokens?: number;
    timeZone?: string;
    provider?: string[];
    model?: string[];
    recordModel?: string[];
    endpoint?: string[];
    outcome?: ("complete" | "client_aborted" | "upstream_reset" | "upstream_timeout" | "upstream_error" | "rejected" | "capture_lost" | "unknown" | "!complete" | "!client_aborted" | "!upstream_reset" | "!upstream_timeout" | "!upstream_error" | "!rejected" | "!capture_lost" | "!unknown")[];
    failed?: ("true" | "false" | "!true" | "!false")[];
    source?: ("proxy" | "mesh" | "client" | "derived" | "!proxy" | "!mesh" | "!client" | "!derived")[];
    status?: string[];
    stream?: ("true" | "false" | "!true" | "!false")[];
    usageSource?: ("provider" | "estimated" | "partial" | "none" | "!provider" | "!estimated" | "!partial" | "!none")[];
    costStatus?: ("exact" | "estimated" | "unpriced" | "!exact" | "!estimated" | "!unpriced")[];
    billable?: ("true" | "false" | "!true" | "!false")[];
    captureGap?: string[];
    keyId?: string[];
    keyHint?: string[];
    credential?: ("api_key" | "oauth" | "subscription" | "signature" | "!api_key" | "!oauth" | "!subscription" | "!signature")[];
    tag?: string[];
    sessionId?: string[];
    traceId?: string[];
    callerRequestId?: string[];
    claimedRequestId?: string[];
    providerRequestId?: string[];
    responseId?: string[];
    userAgent?: string[];
    promptHash?: string[];
    workload?: string[];
    $namespace?: string[];
    serviceAccount?: string[];
    cluster?: string[];
    identityBasis?: ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | "!peer_certificate" | "!proxy_certificate" | "!node_metadata" | "!source_address" | "!none")[];
    q?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Field of the records; `tag` counts `name:value`. */
            field: "provider" | "model" | "requestModel" | "endpoint" | "outcome" | "source" | "status" | "stream" | "billable" | "usageSource" | "costStatus" | "keyId" | "credential" | "workload" | "namespace" | "serviceAccount" | "cluster" | "identityBasis" | "method" | "costReason" | "finishReason" | "serviceTier" | "streamError" | "errorCode" | "captureGap" | "keyHint" | "sessionId" | "userAgent" | "tag";
            /** Start of the range that was counted, inclusive. */
            "from": string;
            /** Its end, exclusive. */
            to: string;
            /** Most frequent first, at most 100. */
            values: {
                /** As text; null counts the records without the field, where `q` is not given. */
                value: string | null;
                count: number;
            }[];
            /** There are further values: narrow them with `q`. */
            more: boolean;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/facets${QS.query(QS.explode({
        "from": $from,
        to,
        completedFrom,
        completedTo,
        ingestedFrom,
        ingestedTo,
        minCostUsd,
        maxCostUsd,
        minLatencyMs,
        maxLatencyMs,
        minTotalTokens,
        maxTotalTokens,
        timeZone,
        provider,
        model,
        recordModel,
        endpoint,
        outcome,
        failed,
        source,
        status,
        stream,
        usageSource,
        costStatus,
        billable,
        captureGap,
        keyId,
        keyHint,
        credential,
        tag,
        sessionId,
        traceId,
        callerRequestId,
        claimedRequestId,
        providerRequestId,
        responseId,
        userAgent,
        promptHash,
        workload,
        "namespace": $namespace,
        serviceAccount,
        cluster,
        identityBasis,
        field,
        q
    }))}`, {
        ...opts
    });
}
/**
 * Export audit records
 */
export function exportAuditRecords(format: "csv" | "ndjson" | "parquet", { $from, to, completedFrom, completedTo, ingestedFrom, ingestedTo, minCostUsd, maxCostUsd, minLatencyMs, maxLatencyMs, minTotalTokens, maxTotalTokens, timeZone, provider, model, recordModel, endpoint, outcome, failed, source, status, stream, usageSource, costStatus, billable, captureGap, keyId, keyHint, credential, tag, sessionId, traceId, callerRequestId, claimedRequestId, providerRequestId, responseId, userAgent, promptHash, workload, $namespace, serviceAccount, cluster, identityBasis, fields, prompts, after }: {
    $from?: string;
    to?: string;
    completedFrom?: string;
    completedTo?: string;
    ingestedFrom?: string;
    ingestedTo?: string;
    minCostUsd?: string;
    maxCostUsd?: string;
    minLatencyMs?: number;
    maxLatencyMs?: number;
    minTotalTokens?: number;
    maxTotalTokens?: number;
    timeZone?: string;
    provider?: string[];
    model?: string[];
    recordModel?: string[];
    endpoint?: string[];
    outcome?: ("complete" | "client_aborted" | "upstream_reset" | "upstream_timeout" | "upstream_error" | "rejected" | "capture_lost" | "unknown" | "!complete" | "!client_aborted" | "!upstream_reset" | "!upstream_timeout" | "!upstream_error" | "!rejected" | "!capture_lost" | "!unknown")[];
    failed?: ("true" | "false" | "!true" | "!false")[];
    source?: ("proxy" | "mesh" | "client" | "derived" | "!proxy" | "!mesh" | "!client" | "!derived")[];
    status?: string[];
    stream?: ("true" | "false" | "!true" | "!false")[];
    usageSource?: ("provider" | "estimated" | "partial" | "none" | "!provider" | "!estimated" | "!partial" | "!none")[];
    costStatus?: ("exact" | "estimated" | "unpriced" | "!exact" | "!estimated" | "!unpriced")[];
    billable?: ("true" | "false" | "!true" | "!false")[];
    captureGap?: string[];
    keyId?: string[];
    keyHint?: string[];
    credential?: ("api_key" | "oauth" | "subscription" | "signature" | "!api_key" | "!oauth" | "!subscription" | "!signature")[];
    tag?: string[];
    sessionId?: string[];
    traceId?: string[];
    callerRequestId?: string[];
    claimedRequestId?: string[];
    providerRequestId?: string[];
    responseId?: string[];
    userAgent?: string[];
    promptHash?: string[];
    workload?: string[];
    $namespace?: string[];
    serviceAccount?: string[];
    cluster?: string[];
    identityBasis?: ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | "!peer_certificate" | "!proxy_certificate" | "!node_metadata" | "!source_address" | "!none")[];
    fields?: string[];
    prompts?: boolean;
    after?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/export${QS.query(QS.explode({
        "from": $from,
        to,
        completedFrom,
        completedTo,
        ingestedFrom,
        ingestedTo,
        minCostUsd,
        maxCostUsd,
        minLatencyMs,
        maxLatencyMs,
        minTotalTokens,
        maxTotalTokens,
        timeZone,
        provider,
        model,
        recordModel,
        endpoint,
        outcome,
        failed,
        source,
        status,
        stream,
        usageSource,
        costStatus,
        billable,
        captureGap,
        keyId,
        keyHint,
        credential,
        tag,
        sessionId,
        traceId,
        callerRequestId,
        claimedRequestId,
        providerRequestId,
        responseId,
        userAgent,
        promptHash,
        workload,
        "namespace": $namespace,
        serviceAccount,
        cluster,
        identityBasis,
        format,
        fields,
        prompts,
        after
    }))}`, {
        ...opts
    });
}
/**
 * Follow audit records
 */
export function followAuditRecords({ $from, to, completedFrom, completedTo, ingestedFrom, ingestedTo, minCostUsd, maxCostUsd, minLatencyMs, maxLatencyMs, minTotalTokens, maxTotalTokens, timeZone, provider, model, recordModel, endpoint, outcome, failed, source, status, stream, usageSource, costStatus, billable, captureGap, keyId, keyHint, credential, tag, sessionId, traceId, callerRequestId, claimedRequestId, providerRequestId, responseId, userAgent, promptHash, workload, $namespace, serviceAccount, cluster, identityBasis, fields, lastEventId }: {
    $from?: string;
    to?: string;
    completedFrom?: string;
    completedTo?: string;
    ingestedFrom?: string;
    ingestedTo?: string;
    minCostUsd?: string;
    maxCostUsd?: string;
    minLatencyMs?: number;
    maxLatencyMs?: number;
    minTotalTokens?: number;
    maxTotalTokens?: number;
    timeZone?: string;
    provider?: string[];
    model?: string[];
    recordModel?: string[];
    endpoint?: string[];
    outcome?: ("complete" | "client_aborted" | "upstream_reset" | "upstream_timeout" | "upstream_error" | "rejected" | "capture_lost" | "unknown" | "!complete" | "!client_aborted" | "!upstream_reset" | "!upstream_timeout" | "!upstream_error" | "!rejected" | "!capture_lost" | "!unknown")[];
    failed?: ("true" | "false" | "!true" | "!false")[];
    source?: ("proxy" | "mesh" | "client" | "derived" | "!proxy" | "!mesh" | "!client" | "!derived")[];
    status?: string[];
    stream?: ("true" | "false" | "!true" | "!false")[];
    usageSource?: ("provider" | "estimated" | "partial" | "none" | "!provider" | "!estimated" | "!partial" | "!none")[];
    costStatus?: ("exact" | "estimated" | "unpriced" | "!exact" | "!estimated" | "!unpriced")[];
    billable?: ("true" | "false" | "!true" | "!false")[];
    captureGap?: string[];
    keyId?: string[];
    keyHint?: string[];
    credential?: ("api_key" | "oauth" | "subscription" | "signature" | "!api_key" | "!oauth" | "!subscription" | "!signature")[];
    tag?: string[];
    sessionId?: string[];
    traceId?: string[];
    callerRequestId?: string[];
    claimedRequestId?: string[];
    providerRequestId?: string[];
    responseId?: string[];
    userAgent?: string[];
    promptHash?: string[];
    workload?: string[];
    $namespace?: string[];
    serviceAccount?: string[];
    cluster?: string[];
    identityBasis?: ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | "!peer_certificate" | "!proxy_certificate" | "!node_metadata" | "!source_address" | "!none")[];
    fields?: string[];
    lastEventId?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/live${QS.query(QS.explode({
        "from": $from,
        to,
        completedFrom,
        completedTo,
        ingestedFrom,
        ingestedTo,
        minCostUsd,
        maxCostUsd,
        minLatencyMs,
        maxLatencyMs,
        minTotalTokens,
        maxTotalTokens,
        timeZone,
        provider,
        model,
        recordModel,
        endpoint,
        outcome,
        failed,
        source,
        status,
        stream,
        usageSource,
        costStatus,
        billable,
        captureGap,
        keyId,
        keyHint,
        credential,
        tag,
        sessionId,
        traceId,
        callerRequestId,
        claimedRequestId,
        providerRequestId,
        responseId,
        userAgent,
        promptHash,
        workload,
        "namespace": $namespace,
        serviceAccount,
        cluster,
        identityBasis,
        fields
    }))}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "last-event-id": lastEventId
        })
    });
}
/**
 * What was not seen
 */
export function listLosses({ $from, to, limit }: {
    $from?: string;
    to?: string;
    limit?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            "from": string;
            to: string;
            /** Calls that were let through, and reports of which the store refused a row. */
            calls: number;
            /** Of these, calls whose observation is missing or broke off before the call did. */
            lost: number;
            /** Calls of which more may still be heard; not counted as lost. */
            open: number;
            /** Share of the calls that are not open which were wholly observed, 0 to 1; rounded down, so that it is 1 only where nothing was lost. Null where there are none. */
            coverage: number | null;
            /** Of the calls, those that Envoy reports and no gate let through. */
            envoyOnly: number;
            /** Of the calls, those of which the observer saw another status than Envoy sent; the record has Envoy’s. */
            differing: number;
            /** Hours in which something was lost, newest first. */
            windows: {
                "from": string;
                to: string;
                calls: number;
                lost: number;
                reasons: {
                    end_unknown: number;
                    not_observed: number;
                    observation_unfinished: number;
                    stream_lost: number;
                    observer_overloaded: number;
                    row_refused: number;
                };
            }[];
            /** The lost calls, newest first, at most `limit`; `lost` counts all of them, a narrower range names the others. */
            losses: {
                requestId: string;
                createdAt: string;
                reason: "end_unknown" | "not_observed" | "observation_unfinished" | "stream_lost" | "observer_overloaded" | "row_refused";
            }[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/losses${QS.query(QS.explode({
        "from": $from,
        to,
        limit
    }))}`, {
        ...opts
    });
}
/**
 * What of a mesh is captured
 */
export function getCoverage({ $from, to, groupBy }: {
    $from?: string;
    to?: string;
    groupBy?: "namespace" | "workload";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            "from": string;
            to: string;
            groupBy: "namespace" | "workload";
            /** The one with most of what was not seen first, at most 500. */
            groups: {
                /** Namespace or workload; null where it is not known. */
                name: string | null;
                /** Calls that were let through and wholly observed. */
                captured: number;
                /** Calls that were let through and of which something is missing. */
                lost: number;
                /** Connections to hosts that the mesh captures, which the app encrypted itself: no call in them could be read. */
                opaque: number;
                /** Connections to hosts of providers that no policy of the mesh is about. */
                uncovered: number;
                /** In both directions, TLS included. */
                opaqueBytes: number;
                /** The same of those. */
                uncoveredBytes: number;
                /** captured / (captured + lost + opaque + uncovered), rounded down. An estimate as soon as there is a connection: it counts as one call, because how many it carried is not known. */
                share: number | null;
                firstSeenAt: string;
                lastSeenAt: string;
            }[];
            /** There are more groups. */
            isCut: boolean;
            /** Hosts of providers that no policy of the mesh is about, at most 100. */
            hosts: {
                /** As the app named it in its TLS handshake. */
                host: string;
                provider: string;
                connections: number;
                bytes: number;
                /** How many different ones. */
                workloads: number;
                firstSeenAt: string;
                lastSeenAt: string;
            }[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/coverage${QS.query(QS.explode({
        "from": $from,
        to,
        groupBy
    }))}`, {
        ...opts
    });
}
/**
 * Get the bytes of what prompt or answer carried
 */
export function getAttachment(requestId: string, sha256: string, { reason }: {
    reason?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Blob;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/prompt/${encodeURIComponent(requestId)}/attachments/${encodeURIComponent(sha256)}${QS.query(QS.explode({
        reason
    }))}`, {
        ...opts
    });
}
/**
 * Get the full prompt and completion of a call
 */
export function getPrompt(requestId: string, { include, reason }: {
    include?: "all";
    reason?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** System text and the text of all messages, parted by blank lines; null: there was none. */
            prompt: string | null;
            /** The visible text of the answer; null: there was none. */
            completion: string | null;
            provider: string;
            /** Model id in the provider’s answer. */
            model: string | null;
            requestId?: string;
            /** Provider API path. */
            endpoint?: string | null;
            /** The prompt goes on beyond what is kept, or was not seen to its end. */
            promptTruncated?: boolean;
            /** The same of the completion. */
            completionTruncated?: boolean;
            /** Request and answer in their order, system text first; each choice of the answer is a message. Null: `messagesGap` says why. */
            messages?: {
                /** Null where the call names none of these. */
                role: ("system" | "developer" | "user" | "assistant" | "tool" | null) | ("system" | "developer" | "user" | "assistant" | "tool" | null);
                parts: ({
                    "type": "text";
                    text: string;
                    /** The text goes on beyond what is kept. */
                    truncated: boolean;
                } | {
                    "type": "toolCall";
                    /** The id its result refers to. */
                    id: string | null;
                    name: string | null;
                    /** As the model wrote them; null where they are not kept. */
                    arguments: string | null;
                    /** The text goes on beyond what is kept. */
                    truncated: boolean;
                } | {
                    "type": "toolResult";
                    /** Of the call that it answers. */
                    id: string | null;
                    name: string | null;
                    /** Its text, or its JSON; null where it has none that is kept. */
                    text: string | null;
                    /** The text goes on beyond what is kept. */
                    truncated: boolean;
                } | {
                    "type": "attachment";
                    /** image, audio, video or file */
                    kind: string;
                    /** As the call named it; null where it did not. */
                    mediaType: string | null;
                    /** Of its bytes; null where it was only referred to. */
                    sha256: string | null;
                    /** Size of what it is; null where it was only referred to. */
                    bytes: number | null;
                    /** Its bytes are kept: `GET /v1/audit/prompt/:requestId/attachments/:sha256`. */
                    kept: boolean;
                    /** Of the file, where the call names it. */
                    name: string | null;
                    /** Where the call refers to it by a URL. */
                    url: string | null;
                    /** Where the call refers to it by the provider’s id. */
                    fileId: string | null;
                } | {
                    "type": "other";
                    /** What the provider calls it, as `thinking`; null where it has no name. */
                    name: string | null;
                })[];
            }[] | null;
            /** `earlier_format`: stored by a build that kept the prompt as one text; it is in `prompt`. */
            messagesGap?: ("earlier_format" | null) | ("earlier_format" | null);
            /** There are more messages, or texts of tools, than are kept. */
            messagesTruncated?: boolean | null;
            /** Calls of tools that the answer asked for. */
            toolCalls?: {
                index: number;
                id: string | null;
                name: string | null;
                /** As the model wrote them. */
                argumentsJson: string | null;
            }[];
            /** What prompt and answer carried besides text. */
            attachments?: {
                /** Whether it came with the prompt or with the answer. */
                direction: "request" | "response";
                /** image, audio, video or file */
                kind: string;
                /** As the call named it; null where it did not. */
                mediaType: string | null;
                /** Of its bytes; null where it was only referred to. */
                sha256: string | null;
                /** Size of what it is; null where it was only referred to. */
                bytes: number | null;
                /** Object that holds its bytes; null where they are not kept. */
                key: string | null;
            }[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/prompt/${encodeURIComponent(requestId)}${QS.query(QS.explode({
        include,
        reason
    }))}`, {
        ...opts
    });
}
/**
 * List who read the prompt of a call
 */
export function listPromptReads(requestId: string, { limit, cursor }: {
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** All reads of the prompt and its attachments. */
            count: number;
            /** Newest first; null without the scope `prompts`, `events` or `admin`. */
            reads: {
                /** ISO 8601 with microseconds, UTC. */
                at: string;
                /** Who read: id of a Flint key, `issuer#subject` of a user. */
                actor: string;
                /** Name of the key as it is now; of a user their e-mail address or name, `(unverified)` where the identity provider does not vouch for it. */
                actorName: string | null;
                /** Why, as the reader said. */
                reason: string | null;
                /** SHA-256 of the attachment that was read; null: the prompt. */
                attachment: string | null;
            }[] | null;
            /** Of the next page; null where there is none. */
            nextCursor: string | null;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/prompt/${encodeURIComponent(requestId)}/reads${QS.query(QS.explode({
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Erase records by prompt hash, key, tag or time
 */
export function eraseRecords(body: {
    /** As it stands in the records. */
    promptHash?: string;
    /** Id of the Flint key that made the calls. */
    keyId?: string;
    /** `name:value`. */
    tag?: string;
    /** Start, inclusive. ISO 8601. */
    "from"?: string;
    /** End, exclusive; a date includes that day. ISO 8601. Default: now. */
    to?: string;
    /** Kept in the receipt. */
    reason?: string;
    /** `confirm` of the dry run: without it nothing is erased. */
    confirm?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            dryRun: boolean;
            /** Records that the filter meets, held ones too; open calls count as well. */
            matched: number;
            /** Of these, records that a legal hold keeps: they stay. */
            held: number;
            /** Ids of the legal holds that keep them. */
            holds: string[];
            /** Send it with the same filter to erase; good for an hour. */
            confirm: string | null;
            erasureId: string | null;
            erased: number | null;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/audit/erasures", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * List the legal holds of the organisation
 */
export function listHolds(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Newest first, released ones too. */
            holds: Hold[];
            /** Calls past their retention time that are there only because they are held. Null where counting takes longer than 5 s. */
            keptBeyondRetention: number | null;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/holds", {
        ...opts
    });
}
/**
 * Place a legal hold
 */
export function placeHold(body: {
    /** Why; kept in the event. */
    reason: string;
    /** The filters of `GET /v1/audit`, values as lists. Left out: everything of the organisation, calls to come too. */
    filter?: {
        /** Start of the time range, inclusive. ISO 8601; without a zone that of `timeZone`. */
        "from"?: string;
        /** End of the time range, exclusive; a date without a time includes that whole day. ISO 8601; without a zone that of `timeZone`. */
        to?: string;
        /** The last byte was sent then or later; read as `from` is. */
        completedFrom?: string;
        /** The last byte was sent before; read as `to` is. */
        completedTo?: string;
        /** `ingestedAt` is then or later; read as `from` is. */
        ingestedFrom?: string;
        /** `ingestedAt` is before; read as `to` is. */
        ingestedTo?: string;
        /** The cost is at least this, in US dollars; compared exactly. */
        minCostUsd?: string;
        /** The cost is at most this, in US dollars; compared exactly. */
        maxCostUsd?: string;
        /** It took at least this many milliseconds. */
        minLatencyMs?: number;
        /** It took at most this many milliseconds. */
        maxLatencyMs?: number;
        /** Input and output are at least this many tokens. */
        minTotalTokens?: number;
        /** Input and output are at most this many tokens. */
        maxTotalTokens?: number;
        /** IANA name of the zone of dates, and of times that name none; its days have 23 or 25 hours where clocks change. Default UTC. */
        timeZone?: string;
        /** Name of a provider, as it stands in the path of its calls. Repeatable: any of the values; `!` before one: none of them. */
        provider?: string[];
        /** The model that answered or the one that was asked for. A trailing `*` makes it a prefix. Repeatable: any of the values; `!` before one: none of them. */
        model?: string[];
        /** The model of the record alone, by which sums are grouped. A trailing `*` makes it a prefix. Repeatable: any of the values; `!` before one: none of them. */
        recordModel?: string[];
        /** Provider API path, without query. A trailing `*` makes it a prefix. Repeatable: any of the values; `!` before one: none of them. */
        endpoint?: string[];
        /** How the call ended. Repeatable: any of the values; `!` before one: none of them. */
        outcome?: ("complete" | "client_aborted" | "upstream_reset" | "upstream_timeout" | "upstream_error" | "rejected" | "capture_lost" | "unknown" | "!complete" | "!client_aborted" | "!upstream_reset" | "!upstream_timeout" | "!upstream_error" | "!rejected" | "!capture_lost" | "!unknown")[];
        /** Whether the call was forwarded and failed, as sums count it. Repeatable: any of the values; `!` before one: none of them. */
        failed?: ("true" | "false" | "!true" | "!false")[];
        /** Who saw the call. Repeatable: any of the values; `!` before one: none of them. */
        source?: ("proxy" | "mesh" | "client" | "derived" | "!proxy" | "!mesh" | "!client" | "!derived")[];
        /** HTTP status the caller saw, or a class of them. Repeatable: any of the values; `!` before one: none of them. */
        status?: string[];
        /** Whether the answer was streamed. Repeatable: any of the values; `!` before one: none of them. */
        stream?: ("true" | "false" | "!true" | "!false")[];
        /** Who said the token numbers. Repeatable: any of the values; `!` before one: none of them. */
        usageSource?: ("provider" | "estimated" | "partial" | "none" | "!provider" | "!estimated" | "!partial" | "!none")[];
        /** How far the cost can be trusted. Repeatable: any of the values; `!` before one: none of them. */
        costStatus?: ("exact" | "estimated" | "unpriced" | "!exact" | "!estimated" | "!unpriced")[];
        /** Whether the call can be on the bill. Repeatable: any of the values; `!` before one: none of them. */
        billable?: ("true" | "false" | "!true" | "!false")[];
        /** Why the capture is not whole. Repeatable: any of the values; `!` before one: none of them. */
        captureGap?: string[];
        /** Id of the Flint key. Repeatable: any of the values; `!` before one: none of them. */
        keyId?: string[];
        /** Last 4 characters of the provider key, as records have them. Repeatable: any of the values; `!` before one: none of them. */
        keyHint?: string[];
        /** What the provider key is by its shape. Repeatable: any of the values; `!` before one: none of them. */
        credential?: ("api_key" | "oauth" | "subscription" | "signature" | "!api_key" | "!oauth" | "!subscription" | "!signature")[];
        /** `name:value` of a tag that the call carried (x-flint-tag-name: value). Repeatable: any of the values; `!` before one: none of them. */
        tag?: string[];
        /** The session that a coding agent named with its calls. Repeatable: any of the values; `!` before one: none of them. */
        sessionId?: string[];
        /** Trace id of the caller’s traceparent. Repeatable: any of the values; `!` before one: none of them. */
        traceId?: string[];
        /** x-request-id of the caller, else x-client-request-id. Repeatable: any of the values; `!` before one: none of them. */
        callerRequestId?: string[];
        /** x-flint-request-id of the caller. Repeatable: any of the values; `!` before one: none of them. */
        claimedRequestId?: string[];
        /** The provider’s id of the call. Repeatable: any of the values; `!` before one: none of them. */
        providerRequestId?: string[];
        /** The provider’s id of what the call made. Repeatable: any of the values; `!` before one: none of them. */
        responseId?: string[];
        /** User agent of the caller. A trailing `*` makes it a prefix. Repeatable: any of the values; `!` before one: none of them. */
        userAgent?: string[];
        /** Hash of the full prompt. Needs the scope `prompts`. Repeatable: any of the values; `!` before one: none of them. */
        promptHash?: string[];
        /** The workload that made the call, where it came through a mesh: a SPIFFE ID, a name or an address, by `identityBasis`. A trailing `*` makes it a prefix. Repeatable: any of the values; `!` before one: none of them. */
        workload?: string[];
        /** The namespace of that workload. Repeatable: any of the values; `!` before one: none of them. */
        "namespace"?: string[];
        /** The service account of that workload. Repeatable: any of the values; `!` before one: none of them. */
        serviceAccount?: string[];
        /** The cluster of its proxy, as the proxy says. Repeatable: any of the values; `!` before one: none of them. */
        cluster?: string[];
        /** From what the workload is known. `peer_certificate` and `proxy_certificate` are verified, the others are claims. Repeatable: any of the values; `!` before one: none of them. */
        identityBasis?: ("peer_certificate" | "proxy_certificate" | "node_metadata" | "source_address" | "none" | "!peer_certificate" | "!proxy_certificate" | "!node_metadata" | "!source_address" | "!none")[];
    };
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: Hold;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 409;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/holds", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Release a legal hold
 */
export function releaseHold(reason: string, id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Hold;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/holds/${encodeURIComponent(id)}${QS.query(QS.explode({
        reason
    }))}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * List what was done to keys, settings and records
 */
export function listEvents({ $from, to, action, subject, actor, limit, cursor }: {
    $from?: string;
    to?: string;
    action?: ("key.created" | "key.renamed" | "key.rotated" | "key.revoked" | "settings.changed" | "hold.placed" | "hold.released" | "organisation.created" | "organisation.renamed" | "prompt.read" | "attachment.read" | "record.erased" | "records.erased" | "records.exported" | "authentication.failed" | "session.started" | "session.ended" | "session.refused" | "session.link_made" | "sql_user.added" | "sql_user.changed" | "sql_user.removed" | "view.changed" | "mesh.assigned" | "mesh.unassigned")[];
    subject?: string;
    actor?: string;
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            events: AuditEvent[];
            nextCursor: string | null;
            count: number;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/audit/events${QS.query(QS.explode({
        "from": $from,
        to,
        action,
        subject,
        actor,
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Show the settings of the organisation
 */
export function getSettings(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Keep previews, hashes and full content of prompts and completions. Default: false. */
            promptCapture: boolean;
            /** How many days records are kept. Default: 90. In force at once, also for records that are there. */
            retentionDays: number;
            /** How many days prompts and completions are kept; never longer than their records. Default: 90. */
            contentRetentionDays: number;
            /** Replace key-shaped secrets in what is stored of prompts. Default: true. */
            redactStoredContent: boolean;
            /** `sha256`, or `hmac`: HMAC-SHA-256 under a secret of the organisation, so that no one can try out a guessed prompt. */
            promptHashMode: "sha256" | "hmac";
            /** `required`: prompts and attachments are read with a `reason` only. Default: optional. */
            promptReadReason: "optional" | "required";
            /** How often the settings were changed. */
            revision: number;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/settings", {
        ...opts
    });
}
/**
 * Change settings of the organisation
 */
export function changeSettings(body: {
    /** Keep previews, hashes and full content of prompts and completions. Default: false. */
    promptCapture?: boolean;
    /** How many days records are kept. Default: 90. In force at once, also for records that are there. */
    retentionDays?: number;
    /** How many days prompts and completions are kept; never longer than their records. Default: 90. */
    contentRetentionDays?: number;
    /** Replace key-shaped secrets in what is stored of prompts. Default: true. */
    redactStoredContent?: boolean;
    /** `sha256`, or `hmac`: HMAC-SHA-256 under a secret of the organisation, so that no one can try out a guessed prompt. */
    promptHashMode?: "sha256" | "hmac";
    /** `required`: prompts and attachments are read with a `reason` only. Default: optional. */
    promptReadReason?: "optional" | "required";
    /** Why; kept in the event. */
    reason?: string;
    /** Of the settings the change was made against: when they have changed since, the answer is 409. Without it the change is made in any case. */
    revision?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Keep previews, hashes and full content of prompts and completions. Default: false. */
            promptCapture: boolean;
            /** How many days records are kept. Default: 90. In force at once, also for records that are there. */
            retentionDays: number;
            /** How many days prompts and completions are kept; never longer than their records. Default: 90. */
            contentRetentionDays: number;
            /** Replace key-shaped secrets in what is stored of prompts. Default: true. */
            redactStoredContent: boolean;
            /** `sha256`, or `hmac`: HMAC-SHA-256 under a secret of the organisation, so that no one can try out a guessed prompt. */
            promptHashMode: "sha256" | "hmac";
            /** `required`: prompts and attachments are read with a `reason` only. Default: optional. */
            promptReadReason: "optional" | "required";
            /** How often the settings were changed. */
            revision: number;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 409;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/settings", oazapfts.json({
        ...opts,
        method: "PATCH",
        body
    }));
}
/**
 * List the keys of the organisation
 */
export function listKeys(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Oldest first. */
            keys: ListedKey[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/keys", {
        ...opts
    });
}
/**
 * Make a key
 */
export function createKey(body: {
    /** For people; need not be unique. */
    name: string;
    /** Default: all but `events` and `admin`. `admin` includes `events`. */
    scopes?: ("proxy" | "report" | "read" | "prompts" | "events" | "admin")[];
    /** When the key ends, ISO 8601, in the future and before the year 2200. Default: never. */
    expiresAt?: string | null;
    /** Why; kept in the event. */
    reason?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: {
            id: string;
            name: string;
            /** What the key may do. */
            scopes: string[];
            /** ISO 8601. */
            createdAt: string;
            /** ISO 8601; null: it does not expire. */
            expiresAt: string | null;
            /** The key itself, this once: Flint keeps only a hash. */
            key: string;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/keys", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Rename a key
 */
export function renameKey(id: string, body: {
    /** For people; need not be unique. */
    name: string;
    /** Why; kept in the event. */
    reason?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ListedKey;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/keys/${encodeURIComponent(id)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body
    }));
}
/**
 * Revoke a key
 */
export function revokeKey(id: string, { reason }: {
    reason?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 409;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/keys/${encodeURIComponent(id)}${QS.query(QS.explode({
        reason
    }))}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Replace a key by a new one
 */
export function rotateKey(id: string, body?: {
    /** How long the old key stays in force, default 86400 (a day). One that expires sooner keeps its time. */
    overlapSeconds?: number;
    /** When the key ends, ISO 8601, in the future and before the year 2200. Default: never. */
    expiresAt?: string | null;
    /** Why; kept in the event. */
    reason?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: {
            id: string;
            name: string;
            /** What the key may do. */
            scopes: string[];
            /** ISO 8601. */
            createdAt: string;
            /** ISO 8601; null: it does not expire. */
            expiresAt: string | null;
            /** The key itself, this once: Flint keeps only a hash. */
            key: string;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 409;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/keys/${encodeURIComponent(id)}/rotate`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * List the names of the keys of the organisation
 */
export function listKeyNames(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Id of a key → its name. */
            names: {
                [key: string]: string;
            };
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/keys/names", {
        ...opts
    });
}
/**
 * Show whose key this is, and its role
 */
export function getMe({ timeZone }: {
    timeZone?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Null for a user of the identity provider. */
            keyId: string | null;
            /** Null for a key so new that its name is not known here yet, and for a user. */
            keyName: string | null;
            /** Who signed in by the identity provider; null: a key asks. */
            user: {
                /** `issuer#subject`: the `actor` of their events. */
                id: string;
                /** Identity provider that knows them. */
                issuer: string;
                /** Their `sub` there: never another’s, and never changed. */
                subject: string;
                /** As the provider says; people may choose it themselves. */
                name: string | null;
                /** As the provider says. */
                email: string | null;
                /** The provider vouches for the address. */
                emailVerified: boolean;
            } | null;
            org: {
                id: string;
                name: string | null;
            };
            /** What this key or user may do. */
            scopes: ("proxy" | "report" | "read" | "prompts" | "events" | "admin")[];
            /** What people call these scopes; null: a key of a program. */
            role: ("viewer" | "prompt_reader" | "auditor" | "admin" | null) | ("viewer" | "prompt_reader" | "auditor" | "admin" | null);
            /** End of the session of a person; null: a key asks. */
            sessionEndsAt: string | null;
            /** Null for a key that may look at nothing: no scope `read`, `prompts`, `events` or `admin`. */
            capture: {
                /** Prompts and completions are kept. */
                on: boolean;
                /** When it was switched on; null while it is off. */
                since: string | null;
                /** How long a prompt is kept, from its call on; a legal hold may keep it longer. */
                contentRetentionDays: number;
                /** Reads of prompts since midnight in `timeZone`. */
                readsToday: number;
                /** Keys and users that read them. */
                readersToday: number;
            } | null;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/me${QS.query(QS.explode({
        timeZone
    }))}`, {
        ...opts
    });
}
/**
 * Show the state of the installation
 */
export function getSystem(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Of Flint, of this API. */
            version: string;
            /** Of the Envoy that Flint runs on the machine of this API; null where none answers there. */
            envoyVersion: string | null;
            /** What calls are priced by. */
            priceBook: {
                source: string;
                /** When the bundled prices were published; null of a file, which does not say so. */
                publishedOn: string | null;
                /** When their file was brought in; null of the bundled ones. */
                broughtOn: string | null;
            };
            parts: {
                part: "gate" | "observer" | "delivery" | "store" | "contentStore" | "envoyAccessLog";
                /** As the machine of this API sees it. `down`: it ran here and does not answer, or (`contentStore`) does not take what waits. `unknown`: nothing of it is here; it may run on another machine. */
                state: "up" | "down" | "unknown";
                /** Start of its process; null where that is not known. */
                since: string | null;
                /** When Envoy last wrote its log file; null where not known. */
                lastActivityAt: string | null;
            }[];
            /** Of the settings of the organisation. */
            settingsRevision: number;
            /** Gates of all machines, by what they wrote into the store: when they take over settings, and every ten minutes. One that wrote nothing for half an hour is left out. Null while the store is away. */
            settingsSeenBy: {
                /** Name of its data directory among replicas. */
                gate: string;
                /** Of the settings that it goes by. */
                revision: number;
                /** When it last said so. */
                seenAt: string;
            }[] | null;
            /** What waits on this machine, of all organisations: null where the installation has several, or while the store is away. */
            backlog: {
                /** Evidence that waits on disk for ClickHouse. */
                evidenceBytes: number | null;
                /** When the oldest of it was written; null also where none waits. */
                oldestEvidenceAt: string | null;
                /** Prompts that wait on disk for the content store. */
                promptBytes: number | null;
                /** Rows that wait to be separated from a refused one. */
                quarantineBytes: number | null;
                /** Dead letters on disk. */
                deadLetters: number | null;
            } | null;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/system", {
        ...opts
    });
}
/**
 * List saved views
 */
export function listViews(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** Own ones and shared ones, by name. */
            views: View[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/views", {
        ...opts
    });
}
/**
 * Save a view
 */
export function createView(body: {
    /** For people; need not be unique. */
    name: string;
    /** Filters, columns and grouping as the page writes them behind the `?` of its address. What the page does not know it shows as such: this API checks the form alone. */
    query: string;
    /** All of the organisation with the scope `read` see it. */
    shared?: boolean;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: View;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 409;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/views", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Rename, change, share or withdraw a view
 */
export function changeView(id: string, body: {
    /** For people; need not be unique. */
    name?: string;
    /** Filters, columns and grouping as the page writes them behind the `?` of its address. What the page does not know it shows as such: this API checks the form alone. */
    query?: string;
    /** All of the organisation with the scope `read` see it. */
    shared?: boolean;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: View;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 409;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/views/${encodeURIComponent(id)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body
    }));
}
/**
 * Delete a view
 */
export function deleteView(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/views/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * List who is signed in to the dashboard
 */
export function listSessions(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            /** The one used last comes first. */
            sessions: {
                id: string;
                /** Key that the session stands for; null: it is a user’s. */
                keyId: string | null;
                /** Who signed in by the identity provider; null: a key was signed in with. */
                user: {
                    /** `issuer#subject`: the `actor` of their events. */
                    id: string;
                    /** Identity provider that knows them. */
                    issuer: string;
                    /** Their `sub` there: never another’s, and never changed. */
                    subject: string;
                    /** As the provider says; people may choose it themselves. */
                    name: string | null;
                    /** As the provider says. */
                    email: string | null;
                    /** The provider vouches for the address. */
                    emailVerified: boolean;
                } | null;
                /** Of the key or user that asks. */
                isOwn: boolean;
                /** The session that asks. */
                isCurrent: boolean;
                /** ISO 8601. */
                startedAt: string;
                /** The key itself, a one-time link, or the identity provider. */
                startedBy: "key" | "link" | "oidc";
                /** To the minute. */
                lastUsedAt: string;
                /** When it ends unless it is used. */
                idleEndsAt: string;
                /** When it ends in any case. */
                endsAt: string;
            }[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/sessions", {
        ...opts
    });
}
/**
 * End a session
 */
export function endSession(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/sessions/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * List the workloads of a mesh that belong to the organisation
 */
export function listOwnWorkloads(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            workloads: {
                /** The same for the same workloads. */
                id: string;
                /** A SPIFFE ID, or the name that a proxy claims for it. Null: any. */
                workload: string | null;
                /** Its namespace. Null: any. */
                "namespace": string | null;
                /** Its service account; needs the namespace. Null: any. */
                serviceAccount: string | null;
                /** The cluster of its proxy. Null: any. */
                cluster: string | null;
                /** Id of the organisation whose records its calls are. */
                org: string;
                /** False: texts of its calls are never kept. True: where the organisation’s settings say so. */
                capture: boolean;
                /** True: also for workloads whose identity is a claim (`identityBasis`). */
                claims: boolean;
                /** ISO 8601. */
                assignedAt: string;
            }[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/workloads", {
        ...opts
    });
}
/**
 * Report a call that was made directly
 */
export function reportCall(body: {
    /** Name of a provider that Flint is configured with. */
    provider: string;
    /** Provider API path; a query is cut off. */
    endpoint: string;
    /** What the provider answered: the SDK’s object, the JSON, the events of a stream in a list, or an error object. */
    response: any;
    /** Duration of the call as the client measured it; null where it is unknown. */
    latencyMs?: number | null;
    /** HTTP status of the provider; without it, or null: 200. */
    status?: number | null;
    /** What was asked; only used where prompt capture is on. */
    messages?: any;
    /** System prompt; only used where prompt capture is on. */
    system?: any;
    /** When the call began, ISO 8601, within the last 24 hours; becomes createdAt. Without it, or null: now. */
    startedAt?: string | null;
}, { idempotencyKey }: {
    idempotencyKey?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: {
            /** Id of the record. */
            requestId: string;
            /** ISO 8601. */
            createdAt: string;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 409;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/audit/report", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "idempotency-key": idempotencyKey
        })
    }));
}
/**
 * List the organisations
 */
export function listOrganisations(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            organisations: Organisation[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/orgs", {
        ...opts
    });
}
/**
 * Make an organisation
 */
export function createOrganisation(body: {
    /** For people; need not be unique. */
    name: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: {
            organisation: Organisation;
            key: {
                id: string;
                name: string;
                /** What the key may do. */
                scopes: string[];
                /** ISO 8601. */
                createdAt: string;
                /** ISO 8601; null: it does not expire. */
                expiresAt: string | null;
                /** The key itself, this once: Flint keeps only a hash. */
                key: string;
            };
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/orgs", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Rename an organisation
 */
export function renameOrganisation(id: string, body: {
    /** For people; need not be unique. */
    name: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Organisation;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/orgs/${encodeURIComponent(id)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body
    }));
}
/**
 * List which workloads belong to which organisation
 */
export function listWorkloads(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            workloads: {
                /** The same for the same workloads. */
                id: string;
                /** A SPIFFE ID, or the name that a proxy claims for it. Null: any. */
                workload: string | null;
                /** Its namespace. Null: any. */
                "namespace": string | null;
                /** Its service account; needs the namespace. Null: any. */
                serviceAccount: string | null;
                /** The cluster of its proxy. Null: any. */
                cluster: string | null;
                /** Id of the organisation whose records its calls are. */
                org: string;
                /** False: texts of its calls are never kept. True: where the organisation’s settings say so. */
                capture: boolean;
                /** True: also for workloads whose identity is a claim (`identityBasis`). */
                claims: boolean;
                /** ISO 8601. */
                assignedAt: string;
            }[];
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/orgs/workloads", {
        ...opts
    });
}
/**
 * Say which organisation workloads belong to
 */
export function assignWorkloads(body: {
    /** A SPIFFE ID, or the name that a proxy claims for it. Null: any. */
    workload?: string | null;
    /** Its namespace. Null: any. */
    "namespace"?: string | null;
    /** Its service account; needs the namespace. Null: any. */
    serviceAccount?: string | null;
    /** The cluster of its proxy. Null: any. */
    cluster?: string | null;
    /** Id of the organisation whose records its calls are. */
    org: string;
    /** False: texts of its calls are never kept. True: where the organisation’s settings say so. */
    capture?: boolean;
    /** True: also for workloads whose identity is a claim (`identityBasis`). */
    claims?: boolean;
    /** Why; kept in the event. */
    reason?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: {
            /** The same for the same workloads. */
            id: string;
            /** A SPIFFE ID, or the name that a proxy claims for it. Null: any. */
            workload: string | null;
            /** Its namespace. Null: any. */
            "namespace": string | null;
            /** Its service account; needs the namespace. Null: any. */
            serviceAccount: string | null;
            /** The cluster of its proxy. Null: any. */
            cluster: string | null;
            /** Id of the organisation whose records its calls are. */
            org: string;
            /** False: texts of its calls are never kept. True: where the organisation’s settings say so. */
            capture: boolean;
            /** True: also for workloads whose identity is a claim (`identityBasis`). */
            claims: boolean;
            /** ISO 8601. */
            assignedAt: string;
        };
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>("/v1/orgs/workloads", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Take workloads from their organisation
 */
export function unassignWorkloads(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 400;
        data: FlintError;
    } | {
        status: 401;
        data: FlintError;
    } | {
        status: 403;
        data: FlintError;
    } | {
        status: 404;
        data: FlintError;
    } | {
        status: 429;
        data: FlintError;
    } | {
        status: 503;
        data: FlintError;
    }>(`/v1/orgs/workloads/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
