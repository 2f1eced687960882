-- Sales by sku and day.
-- Prices are large enough for the revenue of a few orders to leave 64 bits; units are not.
CREATE TABLE skald_read.sales_by_sku_vN (
    basis text COLLATE "C",
    sku text COLLATE "C",
    day date,
    currency text COLLATE "C",
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue numeric NOT NULL,
    partition integer,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (basis, sku, currency, day, partition)
);
CREATE INDEX ON skald_read.sales_by_sku_vN (basis, day)
