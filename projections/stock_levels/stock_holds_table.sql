-- What is held for checkouts under way, findable by age.
CREATE TABLE skald_read.stock_holds_vN (
    sku text COLLATE "C",
    hold text COLLATE "C",
    quantity bigint NOT NULL CHECK (quantity > 0),
    held_at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (sku, hold)
);
CREATE INDEX ON skald_read.stock_holds_vN (held_at)
