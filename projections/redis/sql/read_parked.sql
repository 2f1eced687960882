SELECT k.key, k.reason, k.detail
FROM skald.parked_keys AS k
WHERE k.name = $1 AND k.version = $2 AND k.partition = $3
