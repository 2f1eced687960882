-- Sagas at rest need nobody until an event comes or their deadline nears: a runner that takes a
-- partition over reads the others, and looks these up by time.
ALTER TABLE skald.sagas ADD COLUMN at_rest boolean NOT NULL DEFAULT false;

DROP INDEX skald.sagas_live;
CREATE INDEX sagas_awake ON skald.sagas (partition)
    WHERE phase IN ('forward', 'undoing') AND NOT at_rest;
CREATE INDEX sagas_due ON skald.sagas (partition, due_at)
    WHERE phase IN ('forward', 'undoing') AND at_rest;
