DELETE FROM skald.relay_progress WHERE partition = $1
