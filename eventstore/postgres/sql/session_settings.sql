-- What every session sets for itself, whatever the server's or the role's defaults are. $1 to $4:
-- milliseconds.
SELECT set_config('default_transaction_isolation', 'read committed', false),
       set_config('default_transaction_read_only', 'off', false),
       set_config('synchronous_commit', 'on', false),
       set_config('TimeZone', 'UTC', false),
       set_config('jit', 'off', false),
       set_config('client_connection_check_interval', '500ms', false),
       set_config('statement_timeout', $1, false),
       set_config('lock_timeout', $2, false),
       set_config('idle_in_transaction_session_timeout', $3, false),
       set_config('tcp_user_timeout', $4, false)
