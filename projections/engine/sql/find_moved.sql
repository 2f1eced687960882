-- Of version $2 of projection $1: those of the partitions $3 that do not stand at position $4 with
-- revision $5.
SELECT v.partition
FROM unnest($3::integer[], $4::bigint[], $5::bigint[]) AS v(partition, position, revision)
LEFT JOIN skald.projection_cursors AS c
  ON c.name = $1 AND c.version = $2 AND c.partition = v.partition
     AND c.position = v.position AND c.revision = v.revision
WHERE c.partition IS NULL
