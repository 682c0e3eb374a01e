-- Puts a session, new or instead of the one there.
--
-- Invariant: a session that has expired and is still to be promoted is never overwritten: it is moved aside and stays due.
-- Versions grow, also over a name's sessions and over the loss of Redis: they are Redis's own time.
--
-- KEYS: session, due, where one that is due is moved aside
-- ARGV: the version it must have ('' for any), ttl (ms), how long it is kept to be promoted (ms), messages at most, policy,
--       tenant, name, state, bytes of state and messages, messages
-- Returns ok, version, expiry (ms), 1 when nothing was there; or absent, when a version was asked for and nothing is there; or
-- conflict and the version there.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local version = tonumber(time[1]) * 1000000 + tonumber(time[2])
local held = redis.call('HMGET', KEYS[1], 'v', 'x', 'a')
local lives = held[1] and tonumber(held[2]) > now
if ARGV[1] ~= '' then
    if not lives then return {'absent'} end
    if held[1] ~= ARGV[1] then return {'conflict', held[1]} end
end

if held[1] then
    if version <= tonumber(held[1]) then version = tonumber(held[1]) + 1 end
    if not lives and held[3] ~= '' then
        redis.call('RENAME', KEYS[1], KEYS[3])
        redis.call('ZADD', KEYS[2], now, KEYS[3])
    else
        redis.call('DEL', KEYS[1])
    end
end

local expires = string.format('%.0f', now + tonumber(ARGV[2]))
local count = #ARGV - 9
for i = 1, count do redis.call('HSET', KEYS[1], string.format('%.0f', i - 1), ARGV[9 + i]) end
redis.call('HSET', KEYS[1], 'w', '1', 'v', string.format('%.0f', version), 'x', expires, 't', ARGV[2], 'g', ARGV[3], 'm', ARGV[4], 'a', ARGV[5],
    'o', ARGV[6], 'i', ARGV[7], 's', ARGV[8], 'b', ARGV[9], 'f', '0', 'n', string.format('%.0f', count))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', tonumber(ARGV[2]) + tonumber(ARGV[3])))
if ARGV[5] ~= '' then redis.call('ZADD', KEYS[2], expires, KEYS[1]) else redis.call('ZREM', KEYS[2], KEYS[1]) end
return {'ok', string.format('%.0f', version), expires, lives and 0 or 1}
