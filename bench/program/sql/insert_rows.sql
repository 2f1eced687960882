INSERT INTO control_rows (stream, type, command_id, recorded_at, meta, data)
SELECT t.stream, t.type, t.command_id, clock_timestamp(), t.meta, t.data
FROM unnest($1, $2, $3, $4, $5) AS t(stream, type, command_id, meta, data)
