-- Sales by the UTC day of placing. Orders of many partitions share a day: each partition has a row
-- of its own.
-- Prices are large enough for the revenue of a few orders to leave 64 bits; units are not.
CREATE TABLE skald_read.sales_by_day_vN (
    basis text COLLATE "C",
    day date,
    currency text COLLATE "C",
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue numeric NOT NULL,
    partition integer,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (basis, day, currency, partition)
)
