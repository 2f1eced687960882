-- What the provider promised for a payment, and until when. The reference is the provider's name
-- for it, which is for operators only.
CREATE TABLE skald_read.payment_promises_vN (
    payment_id text COLLATE "C" PRIMARY KEY,
    provider_ref text NOT NULL,
    amount bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    revision bigint NOT NULL
)
