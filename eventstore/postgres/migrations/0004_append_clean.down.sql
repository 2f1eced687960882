DROP FUNCTION skald.append_clean;
