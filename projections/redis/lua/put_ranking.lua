-- Puts a ranking in place, unless the one that is there was made from a later state of the same
-- generation of tables; of another generation, nothing is known to be later.
-- KEYS: the hash. ARGV: field, and the ranking as JSON, whose "generation", "heads" and "revisions"
-- say what it was made from. Answers 1 if it is there now.
local function later(old, new)
    for i = 1, #(old or {}) do
        if not (new and new[i]) or old[i] > new[i] then
            return true
        end
    end
    return false
end
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there then
    local old, new = cjson.decode(there), cjson.decode(ARGV[2])
    if old.generation == new.generation
            and (later(old.heads, new.heads) or later(old.revisions, new.revisions)) then
        return 0
    end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < 0 then
    redis.call('PEXPIRE', KEYS[1], 60000)
end
return 1
