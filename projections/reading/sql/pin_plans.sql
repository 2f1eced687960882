-- For sessions that read read models. A statement is planned once, for all its parameters, and by
-- the index that has its order: a plan made while a table was small, from old statistics, or for
-- filters that seem to leave few rows, never reads all of a table or of a filter's rows for one
-- page. What is read often is in memory, where a page far away costs no more than the next. Another
-- process for a part of a query costs more than all of it. Nothing is written. What is sent
-- together is read as of one moment.
SELECT set_config('default_transaction_read_only', 'on', false),
       set_config('default_transaction_isolation', 'repeatable read', false),
       set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('enable_seqscan', 'off', false),
       set_config('enable_bitmapscan', 'off', false),
       set_config('enable_sort', 'off', false),
       set_config('enable_incremental_sort', 'off', false),
       set_config('random_page_cost', '1', false),
       set_config('max_parallel_workers_per_gather', '0', false)
