-- Carts, also those that became an order. What is in them stands in cart_items; every change of
-- that changes the row here too, so whoever follows these rows misses nothing.
CREATE TABLE skald_read.carts_vN (
    id text COLLATE "C" PRIMARY KEY,
    account text COLLATE "C",
    order_id text COLLATE "C",
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL
);
CREATE INDEX ON skald_read.carts_vN (partition, revision)
