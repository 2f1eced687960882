COPY skald.events TO STDOUT (FORMAT binary)
