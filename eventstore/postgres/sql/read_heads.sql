-- The head of each of $1 partitions, 0 where nothing is stored, in one query.
SELECT p.partition, coalesce((SELECT e.position FROM skald.events e
                              WHERE e.partition = p.partition
                              ORDER BY e.position DESC LIMIT 1), 0) AS position
FROM generate_series(0, $1 - 1) AS p(partition)
ORDER BY p.partition
