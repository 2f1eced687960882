-- Events as receipts of stock leave them, with the commands' receipts: $1 to $5 are an event each,
-- $6 to $9 are the same for all.
WITH receipts AS (
    INSERT INTO skald.commands (command_id, fingerprint, verdict, partition, stream, first_version,
                                count)
    SELECT t.command_id, decode(repeat('00', 16), 'hex'), 1, t.partition, t.stream, t.version, 1
    FROM unnest($1, $2, $3, $4, $5) AS t(command_id, partition, position, stream, version))
INSERT INTO skald.events (partition, position, stream, version, type, schema_version, command_id,
                          command_seq, recorded_at, meta, data)
SELECT t.partition, t.position, t.stream, t.version, $6, $7, t.command_id, 1, clock_timestamp(),
       $8, $9
FROM unnest($1, $2, $3, $4, $5) AS t(command_id, partition, position, stream, version)
