-- Begins a partition's epoch at a head that was read after the nonce was set.
--
-- Invariant: of two followers that begin at the same time, only the one whose nonce still stands may, and never
-- over an epoch that exists: its head would be older than what that epoch has seen.
--
-- KEYS: control, starting
-- ARGV: nonce, epoch, incarnation, head
-- Returns 1 when begun, 0 when refused.
if redis.call('GET', KEYS[2]) ~= ARGV[1] or redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'incarnation', ARGV[3], 'applied', ARGV[4], 'seen', ARGV[4])
return 1
