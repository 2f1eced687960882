-- Sales by department and day; lines of products without one have the department ''.
-- Prices are large enough for the revenue of a few orders to leave 64 bits; units are not.
CREATE TABLE skald_read.sales_by_department_vN (
    basis text COLLATE "C",
    department text COLLATE "C",
    day date,
    currency text COLLATE "C",
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue numeric NOT NULL,
    partition integer,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (basis, department, currency, day, partition)
)
