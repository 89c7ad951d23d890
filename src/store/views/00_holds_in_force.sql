-- Organisations with a legal hold in force. A release stands, whatever state another replica wrote
-- meanwhile.
CREATE OR REPLACE VIEW holds_in_force AS
SELECT DISTINCT org
FROM
(
    SELECT org, subject
    FROM identity_events
    WHERE subject_kind = 'hold' AND identity_events.state != ''
    GROUP BY org, subject
    HAVING countIf(JSONExtractString(identity_events.state, 'releasedAt') != '') = 0
);
