INSERT INTO skald.projection_versions (name, version, definition, state)
VALUES ($1, $2, $3, $4)
