-- What is lost of these rows when PostgreSQL crashes is read from the log again.
SET LOCAL synchronous_commit = off
