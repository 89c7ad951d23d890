-- The settings that a table or view needs, of the organisations that changed any:
-- src/identity/settings.ts has the defaults. Of two changes of one revision the earlier is in
-- force.
CREATE OR REPLACE VIEW settings_in_force AS
SELECT
    org,
    toUInt16(JSONExtractUInt(state, 'retentionDays')) AS retention_days,
    toUInt16(JSONExtractUInt(state, 'contentRetentionDays')) AS content_retention_days
FROM
(
    SELECT org, argMax(identity_events.state, (JSONExtractUInt(identity_events.state, 'revision'), -toUnixTimestamp64Micro(at), id)) AS state
    FROM identity_events
    WHERE subject_kind = 'settings' AND identity_events.state != ''
    GROUP BY org
);
