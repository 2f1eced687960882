-- What the controls write: rows as wide as a stored event, with one index.
CREATE TABLE IF NOT EXISTS control_rows (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    command_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    meta bytea NOT NULL,
    data bytea NOT NULL
)
