-- One attempt to have an order paid. Amounts are of the currency. code: why it was declined.
-- capturing: what the provider was asked to take and has not answered; 0 if nothing is in flight.
CREATE TABLE skald_read.payments_vN (
    id text COLLATE "C" PRIMARY KEY,
    order_id text COLLATE "C" NOT NULL,
    method text NOT NULL,
    amount bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    authorisation text COLLATE "C" NOT NULL,
    code text,
    capturing bigint NOT NULL,
    voiding boolean NOT NULL,
    captured bigint NOT NULL,
    refunded bigint NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL
)
