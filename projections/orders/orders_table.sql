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
CREATE INDEX ON skald_read.orders_vN (placed_at, id);
CREATE INDEX ON skald_read.orders_vN (account, placed_at, id);
CREATE INDEX ON skald_read.orders_vN (status, placed_at, id)
