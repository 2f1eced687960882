-- The compare-and-set that every change begins with: of all the partitions $3, from ($4, $5) to
-- ($6, $7), or an error (a division by zero), behind which nothing of the transaction is run: then
-- another owner has moved one of them, or another version went live. Locked in the order of
-- partitions, as by everybody who locks several.
WITH mine AS MATERIALIZED (
    SELECT c.partition, v.position, v.event_id
    FROM unnest($3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::uuid[])
         AS v(partition, at_position, revision, position, event_id)
    JOIN skald.projection_cursors AS c
      ON c.name = $1 AND c.version = $2 AND c.partition = v.partition
     AND c.position = v.at_position AND c.revision = v.revision
    ORDER BY c.partition
    FOR UPDATE OF c
), moved AS (
    UPDATE skald.projection_cursors AS c
    SET position = m.position, event_id = m.event_id, revision = c.revision + 1, moved_at = now()
    FROM mine AS m
    WHERE c.name = $1 AND c.version = $2 AND c.partition = m.partition
    RETURNING c.partition
)
SELECT 1 / (count(*) = cardinality($3))::integer AS all_moved
FROM moved AS m
