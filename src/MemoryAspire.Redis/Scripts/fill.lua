-- Caches a row that was read from PostgreSQL together with its partition's head, in one snapshot.
--
-- Invariant: nothing is filled once Redis has met an event beyond that head, so a stale value can never be
-- cached, however long the reader slept between reading and filling.
--
-- KEYS: control, memory
-- ARGV: incarnation, head, version, position, ttl (ms), tenant, expires, span, digest, json
-- Returns 1 when filled, 0 when refused.
local control = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation', 'seen')
if not control[1] or control[2] ~= ARGV[1] or tonumber(control[3]) > tonumber(ARGV[2]) then return 0 end

local held = redis.call('HMGET', KEYS[2], 'e', 'v')
if held[1] == control[1] and tonumber(held[2]) >= tonumber(ARGV[3]) then return 0 end

redis.call('HSET', KEYS[2], 'e', control[1], 'v', ARGV[3], 'p', ARGV[4], 't', ARGV[6],
    'x', ARGV[7], 's', ARGV[8], 'd', ARGV[9], 'j', ARGV[10])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1
