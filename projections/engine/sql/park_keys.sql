INSERT INTO skald.parked_keys (name, version, partition, key, reason, detail, position, event_id)
SELECT $1, $2, $3, v.key, v.reason, v.detail, v.position, v.event_id
FROM unnest($4::text[], $5::text[], $6::text[], $7::bigint[], $8::uuid[])
     AS v(key, reason, detail, position, event_id)
