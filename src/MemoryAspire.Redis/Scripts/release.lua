-- Releases intents on memories of one partition: their transaction was aborted, or is applied in all its partitions.
--
-- Invariant: a transaction releases its own intents only.
--
-- KEYS: one intent per transaction and memory
-- ARGV: per intent: its transaction
-- Returns how many were there.
local released = 0
for i = 1, #KEYS do released = released + redis.call('HDEL', KEYS[i], ARGV[i]) end
return released
