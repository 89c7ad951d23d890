-- Which pepper a gate runs under, as a fingerprint: gates with different ones refuse each other's keys. '' where a gate of an earlier
-- version wrote the row.
ALTER TABLE settings_seen ADD COLUMN IF NOT EXISTS pepper String DEFAULT '';
