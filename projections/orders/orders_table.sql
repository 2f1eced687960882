-- refund_due: of the order's currency; what is to be given back for its cancellation and returns.
CREATE TABLE skald_read.orders_vN (
    id text COLLATE "C" PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text,
    total_amount bigint NOT NULL,
    refund_due bigint NOT NULL,
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
