DROP TABLE skald.snapshots;
