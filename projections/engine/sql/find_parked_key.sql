-- Where a key is parked in the live version.
SELECT k.version, k.partition
FROM skald.parked_keys AS k
JOIN skald.projections AS p ON p.name = k.name AND p.live_version = k.version
WHERE k.name = $1 AND k.key = $2
