INSERT INTO skald.projections (name, live_version)
VALUES ($1, $2)
