-- What the provider was asked to do with a payment and may have done or not: it has not answered.
-- refund_id: of a refund; otherwise ''.
CREATE TABLE skald_read.payment_doubts_vN (
    payment_id text COLLATE "C",
    operation text COLLATE "C",
    refund_id text COLLATE "C",
    since timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (payment_id, operation, refund_id)
)
