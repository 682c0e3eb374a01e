-- Names sessions of one partition that are due, and keeps them from others for a while.
--
-- Invariant: a session that is due stays due until it is retired: whoever claims it and dies only delays it.
--
-- KEYS: due
-- ARGV: for how long they are claimed (ms), how many at most
-- Returns their keys.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', '0', ARGV[2])
for i = 1, #due do redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[1])), due[i]) end
return due
