-- The beginning of what a user said last: prompts of agents all begin with the same system text.
-- And the turns of a websocket, which is one call: how many, and the tokens of each as JSON.
ALTER TABLE evidence ADD COLUMN IF NOT EXISTS last_user_preview Nullable(String) AFTER prompt_preview,
    ADD COLUMN IF NOT EXISTS turns Nullable(UInt32) AFTER usage_raw,
    ADD COLUMN IF NOT EXISTS turn_usage Nullable(String) AFTER turns;
ALTER TABLE calls_settled ADD COLUMN IF NOT EXISTS last_user_preview Nullable(String) AFTER prompt_preview,
    ADD COLUMN IF NOT EXISTS turns Nullable(UInt32) AFTER usage_raw;
