-- Sessions of people are events of the kind `session`, whose state holds the HMAC of the token; of what is done in one the event
-- names it. '' where there was none.
ALTER TABLE identity_events ADD COLUMN IF NOT EXISTS session_id String DEFAULT '' AFTER actor;

-- When a session was last used, to the minute.
CREATE TABLE IF NOT EXISTS session_uses
(
    org String,
    session_id String,
    used_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(used_at)
ORDER BY (org, session_id)
TTL toDateTime(used_at) + INTERVAL 2 DAY;
