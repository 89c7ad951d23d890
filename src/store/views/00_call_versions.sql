-- How much has been seen of each call, without folding it: src/evidence/fold-version.ts.
CREATE OR REPLACE VIEW call_versions AS
SELECT
    org,
    created_at,
    record_id,
    maxIf(version, kind = 'intent') + maxIf(version, kind = 'observation') + maxIf(version, kind = 'report')
        + maxIf(version, kind = 'deferred') + maxIf(version, kind = 'closing') + maxIf(version, kind = 'access_log')
        + maxIf(version, kind = 'witness') + maxIf(version, kind = 'pricing') + maxIf(version, kind = 'content')
        + maxIf(version, kind = 'run_ended') AS fold_version
FROM evidence
GROUP BY org, created_at, record_id
-- A price, an object or a second proxy is said of a call that others have seen; what is erased has no record.
HAVING countIf(kind NOT IN ('pricing', 'content', 'run_ended', 'sighting', 'erasure')) > 0 AND countIf(kind = 'erasure') = 0;
