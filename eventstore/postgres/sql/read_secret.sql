SELECT value FROM skald.secrets WHERE name = $1
