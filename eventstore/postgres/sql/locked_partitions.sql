-- Those of the partitions $1 that somebody holds at this moment. skald.append() takes the same
-- locks.
SELECT p.partition
FROM unnest($1::integer[]) AS p(partition)
WHERE NOT pg_try_advisory_xact_lock(1936417132, p.partition)
