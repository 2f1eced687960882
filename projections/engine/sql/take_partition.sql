-- Takes a partition over: with the revision raised, an earlier owner's compare-and-set fails.
UPDATE skald.projection_cursors AS c
SET revision = c.revision + $4::bigint, moved_at = now()
WHERE c.name = $1 AND c.version = $2 AND c.partition = $3
RETURNING c.position, c.event_id, c.revision
