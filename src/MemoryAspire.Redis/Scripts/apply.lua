-- Applies events of a partition's log, in order of position, to the memories they name. All of them become visible
-- in one step: a transaction's events in a partition come in one call.
--
-- Invariant: a value of the current epoch is never replaced by an older version, and an event that is not the
-- partition's newest never brings a key into being: a newer value may have been there and gone.
-- Values are written first, control next and intents are released last, because a script that stops half way is not
-- rolled back; and nothing is released when the partition has no epoch, because a reader that slept may still fill
-- an older value into the next one.
--
-- KEYS: control, one memory per event, the intents to release
-- ARGV: incarnation, number of events,
--       per event: position, version, removed (0 or 1), ttl (ms), tenant, expires, span, digest, json,
--       per intent: its transaction
-- Returns the applied position as text, or nothing when the partition has no epoch of this incarnation.
local control = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation', 'applied', 'seen')
if not control[1] or control[2] ~= ARGV[1] then return false end

local epoch = control[1]
local applied = tonumber(control[3])
local seen = tonumber(control[4])
local events = tonumber(ARGV[2])

for i = 1, events do
    local key = KEYS[1 + i]
    local at = 2 + (i - 1) * 9
    local position = tonumber(ARGV[at + 1])
    local held = redis.call('HMGET', key, 'e', 'v')
    local current = held[1] == epoch
    if not current or tonumber(held[2]) < tonumber(ARGV[at + 2]) then
        if ARGV[at + 3] == '1' or tonumber(ARGV[at + 4]) <= 0 then
            redis.call('DEL', key)
        elseif current or position > seen then
            redis.call('HSET', key, 'e', epoch, 'v', ARGV[at + 2], 'p', ARGV[at + 1], 't', ARGV[at + 5],
                'x', ARGV[at + 6], 's', ARGV[at + 7], 'd', ARGV[at + 8], 'j', ARGV[at + 9])
            redis.call('PEXPIRE', key, ARGV[at + 4])
        end
    end
    if position > seen then seen = position end
end

-- Beside its four fields, control has only the positions met ahead.
local ahead = redis.call('HLEN', KEYS[1]) > 4
for i = 1, events do
    local position = tonumber(ARGV[3 + (i - 1) * 9])
    if position > applied + 1 then
        redis.call('HSET', KEYS[1], string.format('%.0f', position), '1')
        ahead = true
    elseif position == applied + 1 then
        applied = position
        while ahead and redis.call('HDEL', KEYS[1], string.format('%.0f', applied + 1)) == 1 do applied = applied + 1 end
    end
end
redis.call('HSET', KEYS[1], 'applied', string.format('%.0f', applied), 'seen', string.format('%.0f', seen))

for i = events + 2, #KEYS do redis.call('HDEL', KEYS[i], ARGV[1 + events * 8 + i]) end
return string.format('%.0f', applied)
