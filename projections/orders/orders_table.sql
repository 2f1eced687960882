-- Of the order's currency: refund_due, what is to be given back for its cancellation and returns;
-- rest_cancelled, what those of its goods cost that were cancelled once others had shipped.
CREATE TABLE skald_read.orders_vN (
    id text COLLATE "C" PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text,
    total_amount bigint NOT NULL,
    refund_due bigint NOT NULL,
    rest_cancelled bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    payment_method text NOT NULL,
    payment_id text,
    line_count bigint NOT NULL,
    version bigint NOT NULL,
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL
);
CREATE INDEX ON skald_read.orders_vN (partition, revision);
CREATE INDEX ON skald_read.orders_vN (placed_at, id);
CREATE INDEX ON skald_read.orders_vN (account, placed_at, id);
CREATE INDEX ON skald_read.orders_vN (status, placed_at, id);
-- There are a dozen of them, most orders are of one, and a page of the rare ones must not be sought
-- among all: whatever a sample of the table happens to hold, a status counts for one in a hundred.
ALTER TABLE skald_read.orders_vN ALTER COLUMN status SET (n_distinct = 100)
