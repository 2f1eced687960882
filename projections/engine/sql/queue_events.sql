INSERT INTO skald.parked_events (name, version, partition, key, position, stream, stream_version,
                                 type, schema_version, event_id, recorded_at, data)
SELECT $1, $2, $3, v.key, v.position, v.stream, v.stream_version, v.type, v.schema_version,
       v.event_id, v.recorded_at, v.data
FROM unnest($4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::text[], $9::integer[],
            $10::uuid[], $11::timestamptz[], $12::bytea[])
     AS v(key, position, stream, stream_version, type, schema_version, event_id, recorded_at, data)
