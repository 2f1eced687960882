-- Products, archived ones too. Lists leave those out; every order of a list has its index, alone
-- and behind each filter.
CREATE TABLE skald_read.products_vN (
    sku text COLLATE "C" PRIMARY KEY,
    title text COLLATE "C" NOT NULL,
    department text COLLATE "C",
    category text COLLATE "C",
    brand text COLLATE "C",
    price_amount bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    ships boolean NOT NULL,
    archived boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL
);
CREATE INDEX ON skald_read.products_vN (partition, revision);
CREATE INDEX ON skald_read.products_vN (created_at, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (price_amount, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (title, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (department, created_at, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (department, price_amount, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (department, title, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (department, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (category, created_at, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (category, price_amount, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (category, title, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (category, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (brand, created_at, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (brand, price_amount, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (brand, title, sku) WHERE NOT archived;
CREATE INDEX ON skald_read.products_vN (brand, sku) WHERE NOT archived
