SELECT p.live_version, v.definition, v.generation
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
WHERE p.name = $1
