-- Waits for the lock of partition $1 as skald.append() does, and lets go of it at once.
SELECT pg_advisory_xact_lock(1936417132, $1) AS locked
