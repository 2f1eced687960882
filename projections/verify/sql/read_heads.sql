-- The head of each partition, 0 where nothing is stored.
SELECT p.partition,
       coalesce((SELECT e.position
                 FROM skald.events AS e
                 WHERE e.partition = p.partition
                 ORDER BY e.position DESC
                 LIMIT 1), 0) AS position
FROM generate_series(0, (SELECT s.partitions FROM skald.store AS s) - 1) AS p(partition)
ORDER BY p.partition
