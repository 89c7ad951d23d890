-- How many bytes of an answer came up to its protocol's last event (`[DONE]`, `message_stop`, …):
-- many clients close the connection there, and their calls are whole.
ALTER TABLE evidence ADD COLUMN IF NOT EXISTS answer_end_bytes Nullable(UInt64) AFTER response_complete;
