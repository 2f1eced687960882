-- How much of each sku there is. What a stock item can never be, no row can be.
CREATE TABLE skald_read.stock_levels_vN (
    sku text COLLATE "C" PRIMARY KEY,
    on_hand bigint NOT NULL,
    held bigint NOT NULL CHECK (held >= 0),
    allocated bigint NOT NULL CHECK (allocated >= 0),
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    CHECK (on_hand - held - allocated >= 0)
);
CREATE INDEX ON skald_read.stock_levels_vN (partition, revision)
