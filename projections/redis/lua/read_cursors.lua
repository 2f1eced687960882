-- The cursor of each partition's hash (KEYS), nil where there is none.
local cursors = {}
for i = 1, #KEYS do
    cursors[i] = redis.call('HGET', KEYS[i], '=cursor')
end
return cursors
