-- Sales by department and day; lines of products without one have the department ''.
CREATE TABLE skald_read.sales_by_department_vN (
    basis text COLLATE "C",
    department text COLLATE "C",
    day date,
    currency text COLLATE "C",
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue bigint NOT NULL,
    partition integer,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (basis, department, currency, day, partition)
)
