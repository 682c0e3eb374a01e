-- Ends a partition's epoch: no value of it counts any more.
--
-- Invariant: only the epoch that the caller looked at is ended, never one that began since.
--
-- KEYS: control
-- ARGV: epoch
-- Returns 1 when ended, 0 when another epoch, or none, is there.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
