SELECT count(*) FROM skald.events AS e WHERE e.type = $1
