-- Takes a value out that was found to be wrong, if it is still the value that was looked at.
--
-- Invariant: what was written since is never taken out: it may be right. What is not a hash cannot have come from here.
--
-- KEYS: memory
-- ARGV: remove or look, then as they were looked at: e, v, p, t, x, s, d, j; each as "+" and the text, "-" when absent
-- Returns 1 when the value is the one that was looked at, and is gone unless only looked for; else 0.
local kind = redis.call('TYPE', KEYS[1])
if type(kind) == 'table' then kind = kind['ok'] end
if kind == 'none' then return 0 end
if kind == 'hash' then
    local held = redis.call('HMGET', KEYS[1], 'e', 'v', 'p', 't', 'x', 's', 'd', 'j')
    for i = 1, 8 do
        local seen = '-'
        if held[i] then seen = '+' .. held[i] end
        if seen ~= ARGV[i + 1] then return 0 end
    end
end
if ARGV[1] == 'remove' then redis.call('DEL', KEYS[1]) end
return 1
