INSERT INTO control_rows (stream, type, command_id, recorded_at, meta, data)
VALUES ($1, $2, $3, clock_timestamp(), $4, $5)
