-- What was to be given back of a payment: requested, refunded or failed; code: why it failed.
CREATE TABLE skald_read.payment_refunds_vN (
    payment_id text COLLATE "C",
    refund_id text COLLATE "C",
    version bigint NOT NULL,
    amount bigint NOT NULL,
    reason text NOT NULL,
    status text COLLATE "C" NOT NULL,
    code text,
    requested_at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (payment_id, refund_id)
)
