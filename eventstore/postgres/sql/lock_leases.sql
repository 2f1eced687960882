-- The lock under which skald.renew_leases() works on the leases of name $1.
SELECT pg_advisory_xact_lock(hashtextextended('skald.leases ' || $1, 0)) AS locked
