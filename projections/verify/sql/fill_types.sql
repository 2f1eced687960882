INSERT INTO verify_types (name, type, schema_version)
SELECT $1, v.type, v.schema_version
FROM unnest($2::text[], $3::integer[]) AS v(type, schema_version)
