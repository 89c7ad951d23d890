-- Who may do what, as the events that made it so: a key, an organisation's name, its settings are the newest `state` of their
-- subject. A change and its entry in the audit are one row, so neither is ever there without the other. Rows never change.
CREATE TABLE IF NOT EXISTS identity_events
(
    -- key, organisation, settings; record and authentication have no state.
    subject_kind LowCardinality(String),
    -- '' where no organisation is known: a key that nobody has.
    org String,
    -- The store's clock orders events: several processes may write.
    at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC'),
    id UUID,
    actor String,
    action LowCardinality(String),
    subject String,
    reason Nullable(String),
    -- What it was and what it became, as JSON objects that may be shown; '' where that says nothing.
    old String,
    new String,
    -- The whole subject from now on, as JSON; of a key with its HMAC. '' where there is none.
    state String
)
ENGINE = MergeTree
ORDER BY (subject_kind, org, at, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The keys and organisations of earlier versions; the same id again, so that doing it twice changes nothing.
INSERT INTO identity_events
SELECT 'key', org, created_at, reinterpretAsUUID(MD5(concat('key', org, id))), 'flint', 'key.created', id, NULL, '', '',
    toJSONString(map('org', org, 'id', id, 'name', name, 'keyHash', key_hash, 'hint', hint, 'scopes', arrayStringConcat(scopes, ' '),
        'createdAt', formatDateTime(created_at, '%Y-%m-%dT%H:%i:%S.000Z'),
        'expiresAt', ifNull(formatDateTime(expires_at, '%Y-%m-%dT%H:%i:%S.000Z'), ''),
        'revokedAt', ifNull(formatDateTime(revoked_at, '%Y-%m-%dT%H:%i:%S.000Z'), '')))
FROM api_keys FINAL
WHERE (org, id) NOT IN (SELECT org, subject FROM identity_events WHERE subject_kind = 'key');

INSERT INTO identity_events
SELECT 'organisation', id, created_at, reinterpretAsUUID(MD5(concat('organisation', id))), 'flint', 'organisation.created', id, NULL, '', '',
    toJSONString(map('id', id, 'name', name, 'createdAt', formatDateTime(created_at, '%Y-%m-%dT%H:%i:%S.000Z')))
FROM organisations FINAL
WHERE id NOT IN (SELECT subject FROM identity_events WHERE subject_kind = 'organisation');

-- When a key was last used to ask this API; uses through the proxy are in the records themselves.
CREATE TABLE IF NOT EXISTS key_uses
(
    org String,
    key_id String,
    used_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(used_at)
ORDER BY (org, key_id);
