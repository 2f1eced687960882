DROP TABLE skald.sagas, skald.saga_cursors;
