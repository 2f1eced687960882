SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false),
       set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false),
       -- An array of ten is what a plan expects that fits all; it would be made anew each time for
       -- those of one or two.
       set_config('plan_cache_mode', 'force_generic_plan', false)
