-- Puts intents on memories of one partition that transactions are about to change: readers of them go to PostgreSQL.
--
-- Invariant: an intent is there from before its transaction's COMMIT until its own transaction releases it or its time
-- is over; nobody else takes it away. It is put also where the partition has no epoch: one may begin, with a head from
-- before the COMMIT, before the transaction is applied.
-- The time is Redis's own, so that no process's clock can end another's intent. Fields whose time is over are dropped
-- here, because on a memory that is changed all the time the key itself never expires.
--
-- KEYS: control, one intent per transaction and memory
-- ARGV: incarnation, how long an intent lasts (ms), per intent: its transaction
-- Returns 1 when the partition has an epoch of this incarnation, 0 when not.
if #KEYS > 1 then
    local time = redis.call('TIME')
    local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    local over = string.format('%.0f', now + tonumber(ARGV[2]))
    for i = 2, #KEYS do
        local held = redis.call('HGETALL', KEYS[i])
        for field = 1, #held, 2 do
            if tonumber(held[field + 1]) <= now then redis.call('HDEL', KEYS[i], held[field]) end
        end
        redis.call('HSET', KEYS[i], ARGV[i + 1], over)
        redis.call('PEXPIRE', KEYS[i], ARGV[2])
    end
end

local control = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation')
if control[1] and control[2] == ARGV[1] then return 1 end
return 0
