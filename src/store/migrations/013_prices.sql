-- The rates of every price version that a record names, once: a copy in each record is what makes other stores swell.
-- Whoever prices leaves them in its data directory (src/pricing/rates-outbox.ts), delivery brings them here; the same row
-- again changes nothing. A record whose parts had several prices names them all, joined by `+`.
CREATE TABLE IF NOT EXISTS prices
(
    price_version String,
    provider LowCardinality(String),
    -- One that had these rates; others may.
    model String,
    -- JSON: dollars as the book writes them, e.g. {"input_mtok":"2.5","output_mtok":"10"}; under a contract, what it says.
    rates String,
    -- What the token rates were multiplied by, e.g. ['tier:flex=1/2'].
    terms Array(String),
    used_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY price_version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
