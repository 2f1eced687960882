-- What happened to an order, by the versions of its stream.
CREATE TABLE skald_read.order_timeline_vN (
    order_id text COLLATE "C",
    version bigint,
    type text NOT NULL,
    at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (order_id, version)
)
