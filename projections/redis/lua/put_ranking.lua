-- Puts a ranking in place, unless the one that is there was made from a later state.
-- KEYS: the hash. ARGV: field, and the ranking as JSON, whose "heads" say what it was made from.
-- Answers 1 if it is there now.
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there then
    local old, new = cjson.decode(there).heads, cjson.decode(ARGV[2]).heads
    for i = 1, #old do
        if not new[i] or old[i] > new[i] then
            return 0
        end
    end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
