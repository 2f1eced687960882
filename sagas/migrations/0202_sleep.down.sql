DROP INDEX skald.sagas_due, skald.sagas_awake;
ALTER TABLE skald.sagas DROP COLUMN at_rest;
CREATE INDEX sagas_live ON skald.sagas (partition) WHERE phase IN ('forward', 'undoing');
