UPDATE skald.projections AS p
SET live_version = $3, switched_at = now()
WHERE p.name = $1 AND p.live_version = $2
