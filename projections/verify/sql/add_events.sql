INSERT INTO verify_events (partition, position, stream, key, version, type, schema_version,
                           recorded_at, data)
SELECT $1, v.position, v.stream, v.key, v.version, v.type, v.schema_version, v.recorded_at,
       v.data::jsonb
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::integer[],
            $8::timestamptz[], $9::text[])
     AS v(position, stream, key, version, type, schema_version, recorded_at, data)
