SELECT v.version, v.definition, v.state
FROM skald.projection_versions AS v
WHERE v.name = $1
ORDER BY v.version
