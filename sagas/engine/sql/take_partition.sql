-- Takes a partition over: with the revision raised, an earlier owner's compare-and-set fails.
INSERT INTO skald.saga_cursors AS c (partition)
VALUES ($1)
ON CONFLICT (partition) DO UPDATE SET revision = c.revision + 1
RETURNING c.position, c.event_id, c.revision
