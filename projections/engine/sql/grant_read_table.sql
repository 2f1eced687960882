-- Of one table: the rights of others' tables are locked while those are being made.
GRANT SELECT, INSERT, UPDATE, DELETE ON skald_read.{table}_vN TO skald_writer;
GRANT SELECT ON skald_read.{table}_vN TO skald_reader;
