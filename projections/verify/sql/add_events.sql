INSERT INTO verify_events (partition, position, stream, key, version, type, recorded_at, data)
SELECT $1, v.position, v.stream, v.key, v.version, v.type, v.recorded_at, v.data::jsonb
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[],
            $8::text[])
     AS v(position, stream, key, version, type, recorded_at, data)
