COPY control_rows (stream, type, command_id, recorded_at, meta, data) FROM STDIN (FORMAT binary)
