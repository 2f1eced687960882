-- What was in a shipment or return: of the timeline's entry of that version.
CREATE TABLE skald_read.order_portions_vN (
    order_id text COLLATE "C",
    version bigint,
    sku text COLLATE "C",
    quantity bigint NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (order_id, version, sku)
)
