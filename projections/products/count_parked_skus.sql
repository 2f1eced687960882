-- How many of the skus $2 projection $1 holds back.
SELECT count(*)
FROM skald.parked_keys AS k
JOIN skald.projections AS p ON p.name = k.name AND p.live_version = k.version
WHERE k.name = $1 AND k.key = ANY ($2)
