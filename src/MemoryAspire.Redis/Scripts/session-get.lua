-- Reads a session, and lets it live its time again.
--
-- Invariant: a session that has expired is never brought back, also while it is kept to be promoted.
--
-- KEYS: session, due
-- Returns ok and its fields; or absent.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', KEYS[1], 'x', 't', 'g', 'a')
if not held[1] or tonumber(held[1]) <= now then return {'absent'} end

local expires = string.format('%.0f', now + tonumber(held[2]))
redis.call('HSET', KEYS[1], 'x', expires)
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', tonumber(held[2]) + tonumber(held[3])))
if held[4] ~= '' then redis.call('ZADD', KEYS[2], expires, KEYS[1]) end
return {'ok', redis.call('HGETALL', KEYS[1])}
