SELECT s.partitions
FROM skald.store AS s
