-- The beginning of what a user said last: prompts of agents all begin with the same system text.
ALTER TABLE evidence ADD COLUMN IF NOT EXISTS last_user_preview Nullable(String) AFTER prompt_preview;
ALTER TABLE calls_settled ADD COLUMN IF NOT EXISTS last_user_preview Nullable(String) AFTER prompt_preview;
