-- Deletes a session: what is deleted is not promoted.
--
-- Invariant: one that has expired is absent, and stays due when it is to be promoted.
--
-- KEYS: session, due
-- ARGV: the version it must have ('' for any)
-- Returns ok; or absent; or conflict and the version there.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', KEYS[1], 'v', 'x')
if not held[1] or tonumber(held[2]) <= now then return {'absent'} end
if ARGV[1] ~= '' and held[1] ~= ARGV[1] then return {'conflict', held[1]} end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], KEYS[1])
return {'ok'}
