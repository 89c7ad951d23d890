-- A held record stays as long as it is held (src/store/evidence/held-calls.ts), so no table may drop rows by their age alone: delivery
-- removes what is past its time. REMOVE TTL cannot be repeated, so the tables keep a TTL that no row reaches.
ALTER TABLE evidence MODIFY TTL greatest(toDateTime(created_at, 'UTC'), toDateTime('2106-01-01 00:00:00', 'UTC'))
    SETTINGS materialize_ttl_after_modify = 0;
ALTER TABLE calls_settled MODIFY TTL greatest(toDateTime(created_at, 'UTC'), toDateTime('2106-01-01 00:00:00', 'UTC'))
    SETTINGS materialize_ttl_after_modify = 0;
