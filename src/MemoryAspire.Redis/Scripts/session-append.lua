-- Appends messages to a session, drops the oldest beyond its bounds, and lets it live its time again.
--
-- Invariant: the numbers of messages grow and are contiguous: from f to before n. b is the bytes of the state and of these.
--
-- KEYS: session, due
-- ARGV: the version it must have ('' for any), bytes at most, messages at most ('' as before), whether its fields are wanted (0 or 1),
--       messages
-- Returns ok and its fields (only version and expiry when they are not wanted); or absent; or conflict and the version there; or
-- large, when the messages would not fit even alone.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', KEYS[1], 'v', 'x', 't', 'g', 'a', 'f', 'n', 'b', 'm')
if not held[1] or tonumber(held[2]) <= now then return {'absent'} end
if ARGV[1] ~= '' and held[1] ~= ARGV[1] then return {'conflict', held[1]} end

local most = tonumber(ARGV[2])
local added = 0
for i = 5, #ARGV do added = added + #ARGV[i] end
if redis.call('HSTRLEN', KEYS[1], 's') + added > most then return {'large'} end

local first = tonumber(held[6])
local next = tonumber(held[7])
local bytes = tonumber(held[8]) + added
local count = tonumber(held[9])
if ARGV[3] ~= '' then count = tonumber(ARGV[3]) end
for i = 5, #ARGV do
    redis.call('HSET', KEYS[1], string.format('%.0f', next), ARGV[i])
    next = next + 1
end
while next - first > count or bytes > most do
    local oldest = string.format('%.0f', first)
    bytes = bytes - redis.call('HSTRLEN', KEYS[1], oldest)
    redis.call('HDEL', KEYS[1], oldest)
    first = first + 1
end

local version = tonumber(time[1]) * 1000000 + tonumber(time[2])
if version <= tonumber(held[1]) then version = tonumber(held[1]) + 1 end
local expires = string.format('%.0f', now + tonumber(held[3]))
redis.call('HSET', KEYS[1], 'v', string.format('%.0f', version), 'x', expires, 'f', string.format('%.0f', first),
    'n', string.format('%.0f', next), 'b', string.format('%.0f', bytes), 'm', string.format('%.0f', count))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', tonumber(held[3]) + tonumber(held[4])))
if held[5] ~= '' then redis.call('ZADD', KEYS[2], expires, KEYS[1]) end
if ARGV[4] == '1' then return {'ok', redis.call('HGETALL', KEYS[1])} end
return {'ok', {'v', string.format('%.0f', version), 'x', expires}}
