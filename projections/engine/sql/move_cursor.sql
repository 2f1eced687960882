-- The compare-and-set that every change of a partition begins with: no row means that another owner
-- has moved the cursor, or that another version went live.
UPDATE skald.projection_cursors AS c
SET position = $6, event_id = $7, revision = c.revision + 1, moved_at = now()
WHERE c.name = $1 AND c.version = $2 AND c.partition = $3 AND c.position = $4 AND c.revision = $5
