-- The ledger of a payment, by the versions of its stream: money promised (authorised), taken
-- (captured), let go of (voided) and given back (refunded, under the refund's id).
CREATE TABLE skald_read.payment_movements_vN (
    payment_id text COLLATE "C",
    version bigint,
    type text NOT NULL,
    at timestamptz NOT NULL,
    amount bigint NOT NULL,
    refund_id text COLLATE "C",
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (payment_id, version)
)
