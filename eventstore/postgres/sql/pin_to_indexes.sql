-- A plan made while a table was empty would stay for the life of the connection. The plans of
-- skald.append_clean() are this session's too: they must not grow with the tables, nor be made
-- anew.
SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false),
       set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false),
       set_config('plan_cache_mode', 'force_generic_plan', false)
