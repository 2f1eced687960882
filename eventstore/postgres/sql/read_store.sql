SELECT s.id, s.era, s.partitions, current_setting('fsync') FROM skald.store s
