-- Who made a call that came through a mesh, and from what that is known (src/evidence/identity-basis.ts).
ALTER TABLE evidence ADD COLUMN IF NOT EXISTS workload LowCardinality(Nullable(String)) AFTER session_id,
    ADD COLUMN IF NOT EXISTS namespace LowCardinality(Nullable(String)) AFTER workload,
    ADD COLUMN IF NOT EXISTS service_account LowCardinality(Nullable(String)) AFTER namespace,
    ADD COLUMN IF NOT EXISTS cluster LowCardinality(Nullable(String)) AFTER service_account,
    ADD COLUMN IF NOT EXISTS identity_basis LowCardinality(Nullable(String)) AFTER cluster;
