-- Takes the log away, events and all. Roles stay: they are the server's, and another store may use
-- them.
DROP FUNCTION skald.append;
DROP TABLE skald.commands, skald.events, skald.secrets, skald.store;
