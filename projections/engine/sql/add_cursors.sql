INSERT INTO skald.projection_cursors (name, version, partition)
SELECT $1, $2, p.partition
FROM generate_series(0, (SELECT s.partitions FROM skald.store AS s) - 1) AS p(partition)
