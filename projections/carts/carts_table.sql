-- Carts, also those that became an order. What is in them stands in cart_items.
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
)
