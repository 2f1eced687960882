-- The lines of orders, with what was frozen when they were placed, and how many of their units are
-- the customer's, carried or not, have come back, and were cancelled once others had shipped.
CREATE TABLE skald_read.order_lines_vN (
    order_id text COLLATE "C",
    sku text COLLATE "C",
    line bigint NOT NULL,
    title text NOT NULL,
    department text,
    quantity bigint NOT NULL,
    unit_price bigint NOT NULL,
    total bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    ships boolean NOT NULL,
    shipped bigint NOT NULL,
    returned bigint NOT NULL,
    cancelled bigint NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (order_id, sku)
)
