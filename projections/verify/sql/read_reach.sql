-- Of each partition: how far the projection that is furthest there has come.
SELECT c.partition, max(c.position) AS position
FROM verify_cursors AS c
GROUP BY c.partition
ORDER BY c.partition
