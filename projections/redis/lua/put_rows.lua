-- Brings the mirror of a partition from one revision to a later one, wholly or not at all.
-- KEYS: the partition's hash. ARGV: the revision it must stand at (0: it is empty), the revision and
-- the position it comes to (position -1: not all is here yet, keep the one there is and the parked
-- keys that belong to it), the parked keys as JSON, then fields and values. Answers the revision it
-- stands at then: a mirror that came too late changes nothing. It writes by HSET first, so that a
-- Redis that is full refuses it there: later writes of a script are not asked about memory.
local cursor = redis.call('HGET', KEYS[1], '=cursor')
local revision, position = 0, -1
if cursor then
    local r, p = string.match(cursor, '^(%d+) (-?%d+)$')
    revision, position = tonumber(r), tonumber(p)
end
if revision ~= tonumber(ARGV[1]) or tonumber(ARGV[2]) <= revision then
    return revision
end
if tonumber(ARGV[3]) > position then
    position = tonumber(ARGV[3])
end
for i = 5, #ARGV, 2 do
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
if tonumber(ARGV[3]) >= 0 then
    redis.call('HSET', KEYS[1], '=parked', ARGV[4])
end
redis.call('HSET', KEYS[1], '=cursor', string.format('%s %.0f', ARGV[2], position))
if not cursor then
    redis.call('EXPIRE', KEYS[1], 86400)
end
return tonumber(ARGV[2])
