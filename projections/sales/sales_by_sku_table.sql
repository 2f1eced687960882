-- Sales by sku and day.
CREATE TABLE skald_read.sales_by_sku_vN (
    basis text COLLATE "C",
    sku text COLLATE "C",
    day date,
    currency text COLLATE "C",
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue bigint NOT NULL,
    partition integer,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (basis, sku, currency, day, partition)
);
CREATE INDEX ON skald_read.sales_by_sku_vN (basis, day)
