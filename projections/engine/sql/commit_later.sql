-- Cursor and rows are lost together when PostgreSQL crashes, and the events come again.
SELECT set_config('synchronous_commit', 'off', false)
