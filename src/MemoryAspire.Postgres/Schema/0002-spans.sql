-- Where a transaction ends in each of its partitions, on its events and on the rows they made; null in the usual
-- case of one partition. A reader who meets one part of a transaction is thereby shown all of it.
alter table memory_events
    add column span_partitions smallint[],
    add column span_positions bigint[];
alter table memories
    add column span_partitions smallint[],
    add column span_positions bigint[];
