-- Gives a value that would stay for ever a time to live.
--
-- Invariant: a time that is there is never made longer or shorter.
--
-- KEYS: memory
-- ARGV: limit or look, ttl (ms)
-- Returns 1 when it had none, 0 when it has one, or is gone.
if redis.call('PTTL', KEYS[1]) ~= -1 then return 0 end
if ARGV[1] == 'limit' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
