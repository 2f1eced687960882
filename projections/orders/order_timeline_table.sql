-- What happened to an order, by the versions of its stream. detail: the reason where there is one,
-- or the id of the payment, shipment or return that it is about. refund: what became due by it.
CREATE TABLE skald_read.order_timeline_vN (
    order_id text COLLATE "C",
    version bigint,
    type text NOT NULL,
    at timestamptz NOT NULL,
    detail text,
    refund bigint NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (order_id, version)
)
