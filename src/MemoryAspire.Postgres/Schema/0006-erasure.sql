-- What was taken out of an event's state, all of which is null then: 'erased' on somebody's demand, in all events of the memory;
-- 'compacted' by retention, in states that are no longer the present one. The chain of events stays.
alter table memory_events add column redacted text check (redacted in ('erased', 'compacted'));

-- Erasures that were demanded, and how far each has come: a process that dies leaves the rest to the next one.
create table erasures (
    partition smallint not null default 0,
    id uuid not null,
    tenant text not null,
    actor text not null,
    -- What: one memory, or all of a scope that were there when it was demanded.
    memory_id uuid,
    "user" text,
    agent text,
    session text,
    kind text,
    requested_at timestamptz not null default clock_timestamp(),
    -- What was removed so far.
    memories bigint not null default 0,
    deleted bigint not null default 0,
    events bigint not null default 0,
    vectors bigint not null default 0,
    cached bigint not null default 0,
    -- When each tier held nothing of it any more.
    postgres_at timestamptz,
    redis_at timestamptz,
    index_at timestamptz,
    finished_at timestamptz generated always as (
        case when postgres_at is not null and redis_at is not null and index_at is not null
            then greatest(postgres_at, redis_at, index_at) end) stored,
    primary key (partition, id)
);
create index erasures_open on erasures (requested_at) where finished_at is null;

-- How far retention has gone through each partition's log, for each of its rules.
create table retention_progress (
    partition smallint not null,
    rule text not null,
    position bigint not null,
    primary key (partition, rule)
);
