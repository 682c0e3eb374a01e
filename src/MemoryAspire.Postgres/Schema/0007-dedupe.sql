-- What a create with dedupe locks, and the memory that was made under it. The key is SHA-256 over what must be equal, its first
-- byte the partition; so equal creates meet in one row, whichever partitions their memories would have.
create table dedupe_keys (
    partition smallint not null,
    tenant text not null,
    key bytea not null,
    -- The memory; null while there is none. It may be gone, or changed since.
    memory_partition smallint,
    memory_id uuid,
    primary key (partition, tenant, key)
);
create index dedupe_keys_by_memory on dedupe_keys (memory_partition, memory_id) where memory_id is not null;

-- Memories of nobody in particular are too many to be compared one by one.
create index memories_without_scope_by_content on memories (tenant, md5(content)) where "user" is null and agent is null and session is null;

-- The numbers of those operations of a write that found a memory instead of making one; -1, -2, … stand for the operations
-- 0, 1, … that found one which is gone and have no position; null: none did.
alter table idempotency_keys add column existing integer[];
