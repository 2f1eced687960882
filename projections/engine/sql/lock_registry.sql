-- One at a time makes or removes versions of a projection; released when the transaction ends.
SELECT pg_advisory_xact_lock(1936417134, hashtext($1))
