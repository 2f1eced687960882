DROP VIEW skald.outbox;
DROP TABLE skald.relay_progress;
