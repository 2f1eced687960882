-- All that owner $2 of name $1 holds.
WITH gone AS (DELETE FROM skald.lease_owners WHERE name = $1 AND owner = $2)
UPDATE skald.leases SET owner = NULL WHERE name = $1 AND owner = $2
