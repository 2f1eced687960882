INSERT INTO verify_parked (name, partition, key, position)
SELECT k.name, k.partition, k.key, k.position
FROM skald.parked_keys AS k
JOIN skald.projections AS p ON p.name = k.name AND p.live_version = k.version
