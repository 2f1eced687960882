DELETE FROM skald.projection_versions AS v
WHERE v.name = $1 AND v.version = $2
