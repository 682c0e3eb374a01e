-- Applies one event of a partition's log to the memory it names.
--
-- Invariant: a value of the current epoch is never replaced by an older version, and an event that is not the
-- partition's newest never brings a key into being: a newer value may have been there and gone.
-- Values are written first and control last, because a script that stops half way is not rolled back.
--
-- KEYS: control, memory
-- ARGV: incarnation, position, version, removed (0 or 1), ttl (ms), tenant, expires, digest, json
-- Returns the applied position as text, or nothing when the partition has no epoch of this incarnation.
local control = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation', 'applied', 'seen')
if not control[1] or control[2] ~= ARGV[1] then return false end

local epoch = control[1]
local applied = tonumber(control[3])
local seen = tonumber(control[4])
local position = tonumber(ARGV[2])
local version = tonumber(ARGV[3])
local ttl = tonumber(ARGV[5])

local held = redis.call('HMGET', KEYS[2], 'e', 'v')
local current = held[1] == epoch
local newer = not current or tonumber(held[2]) < version

if newer then
    if ARGV[4] == '1' or ttl <= 0 then
        redis.call('DEL', KEYS[2])
    elseif current or position > seen then
        redis.call('HSET', KEYS[2], 'e', epoch, 'v', ARGV[3], 'p', ARGV[2], 't', ARGV[6], 'x', ARGV[7], 'd', ARGV[8], 'j', ARGV[9])
        redis.call('PEXPIRE', KEYS[2], ARGV[5])
    end
end

if position > applied + 1 then
    redis.call('HSET', KEYS[1], string.format('%.0f', position), '1')
elseif position == applied + 1 then
    applied = position
    while redis.call('HDEL', KEYS[1], string.format('%.0f', applied + 1)) == 1 do applied = applied + 1 end
end
if position > seen then seen = position end
redis.call('HSET', KEYS[1], 'applied', string.format('%.0f', applied), 'seen', string.format('%.0f', seen))
return string.format('%.0f', applied)
