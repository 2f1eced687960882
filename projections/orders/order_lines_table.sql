-- The lines of orders, in their order, with what was frozen when they were placed.
CREATE TABLE skald_read.order_lines_vN (
    order_id text COLLATE "C",
    line bigint,
    sku text COLLATE "C" NOT NULL,
    title text NOT NULL,
    department text,
    quantity bigint NOT NULL,
    unit_price bigint NOT NULL,
    total bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (order_id, line)
)
