SELECT c.command_id, c.fingerprint, c.verdict, c.stream, c.first_version, c.count
FROM skald.commands c
WHERE c.command_id = ANY ($1)
