-- A plan made while a table was empty would stay for the life of the connection.
SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false)
