UPDATE skald.projection_versions AS v
SET state = $3
WHERE v.name = $1 AND v.version = $2
