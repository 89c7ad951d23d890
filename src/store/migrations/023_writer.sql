-- The process that wrote a row, `<instance>/<role>`. Old rows are read and written under the new name alike; the column is in no
-- key, so no row is written again. A build before this one cannot insert any more: its rows wait in its spool.
ALTER TABLE evidence RENAME COLUMN IF EXISTS witness TO writer;
