-- Reads a claimed session, if it has expired.
--
-- Invariant: one that lives again, or anew, is due at its own expiry; one that is gone is not due.
--
-- KEYS: session, due
-- Returns ok and its fields; or absent.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', KEYS[1], 'x', 'a')
if not held[1] or held[2] == '' then
    redis.call('ZREM', KEYS[2], KEYS[1])
    return {'absent'}
end
if tonumber(held[1]) > now then
    redis.call('ZADD', KEYS[2], held[1], KEYS[1])
    return {'absent'}
end
return {'ok', redis.call('HGETALL', KEYS[1])}
