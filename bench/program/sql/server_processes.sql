SELECT a.pid FROM pg_stat_activity AS a
