-- This transaction waits for the disk, and with it all that was committed before it.
SELECT set_config('synchronous_commit', 'on', true)
