-- Removes a session whose messages were promoted.
--
-- Invariant: only the version that was promoted is removed, never one that was put since.
--
-- KEYS: session, due
-- ARGV: version
-- Returns 1 when removed, 0 when another, or none, is there.
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], KEYS[1])
return 1
