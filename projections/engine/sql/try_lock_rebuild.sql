-- Held by the session that rebuilds the projection.
SELECT pg_try_advisory_lock(1936417135, hashtext($1))
