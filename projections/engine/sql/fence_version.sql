-- Whoever follows this version finds out at its next compare-and-set.
UPDATE skald.projection_cursors AS c
SET revision = c.revision + 1
WHERE c.name = $1 AND c.version = $2
