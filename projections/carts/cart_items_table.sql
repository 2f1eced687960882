-- How many units of which sku a cart holds.
CREATE TABLE skald_read.cart_items_vN (
    cart_id text COLLATE "C",
    sku text COLLATE "C",
    quantity bigint NOT NULL CHECK (quantity > 0),
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (cart_id, sku)
)
