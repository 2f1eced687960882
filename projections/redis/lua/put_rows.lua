-- Brings the mirror of a partition from one revision to a later one, wholly or not at all.
-- KEYS: the partition's hash. ARGV: the revision it must stand at (0: it is empty), the revision and
-- the position it comes to (position -1: not all is here yet, keep the one there is and the parked
-- keys that belong to it), the parked keys as JSON, how many rows are kept (0: all), then fields and
-- values. Answers the revision it
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
-- A queue of the rows that are there, first come first to go, in the same hash: they share its fate.
local kept = tonumber(ARGV[5])
local first, last = 1, 0
if kept > 0 then
    local queue = redis.call('HGET', KEYS[1], '=kept')
    if queue then
        local f, l = string.match(queue, '^(%d+) (%d+)$')
        first, last = tonumber(f), tonumber(l)
    end
end
for i = 6, #ARGV, 2 do
    local added = redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    if kept > 0 and added == 1 then
        last = last + 1
        redis.call('HSET', KEYS[1], string.format('q:%.0f', last), ARGV[i])
        while last - first >= kept do
            local place = string.format('q:%.0f', first)
            local oldest = redis.call('HGET', KEYS[1], place)
            if oldest then
                redis.call('HDEL', KEYS[1], oldest, place)
            end
            first = first + 1
        end
    end
end
if kept > 0 then
    redis.call('HSET', KEYS[1], '=kept', string.format('%.0f %.0f', first, last))
end
if tonumber(ARGV[3]) >= 0 then
    redis.call('HSET', KEYS[1], '=parked', ARGV[4])
end
redis.call('HSET', KEYS[1], '=cursor', string.format('%s %.0f', ARGV[2], position))
if not cursor then
    redis.call('EXPIRE', KEYS[1], 86400)
end
return tonumber(ARGV[2])
