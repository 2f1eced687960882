-- The cursor of each partition's hash (KEYS), nil where there is none. Hashes that are looked at live
-- on for a day: what nobody looks after goes away.
local day = 86400
local cursors = {}
for i = 1, #KEYS do
    cursors[i] = redis.call('HGET', KEYS[i], '=cursor')
    if cursors[i] and redis.call('TTL', KEYS[i]) < day / 2 then
        redis.call('EXPIRE', KEYS[i], day)
    end
end
return cursors
