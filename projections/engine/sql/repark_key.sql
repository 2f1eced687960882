-- The key stays parked, for what stands in its way now.
UPDATE skald.parked_keys AS k
SET reason = $4, detail = $5, position = $6, event_id = $7, parked_at = now()
WHERE k.name = $1 AND k.version = $2 AND k.key = $3
