-- Cursor, parked keys and one value (ARGV[2]) of a partition, in the generation that is live.
-- KEYS: the name of the live generation. ARGV[1]: what stands behind it in the hash's name.
local generation = redis.call('GET', KEYS[1])
if not generation then
    return {false, false, false}
end
return redis.call('HMGET', KEYS[1] .. ':' .. generation .. ARGV[1], '=cursor', '=parked', ARGV[2])
