-- Count and digest of a partition, or of a range of ids, are read from the key's own index: it carries the digest, and no
-- further index has to be written.
alter table memories drop constraint memories_pkey, add constraint memories_pkey primary key (partition, id) include (digest);

-- Every comparison of the tiers: what it was asked to do, how far it is, and what it found.
create table reconciliation_runs (
    partition smallint not null default 0,
    id uuid not null,
    -- Who asked for it, and whether by a request, or the clock: request, schedule.
    actor text not null,
    trigger text not null check (trigger in ('request', 'schedule')),
    -- What is compared, how deep, and what is done about differences.
    options jsonb not null,
    -- waiting: no leader has begun it yet.
    state text not null check (state in ('waiting', 'running', 'completed', 'failed', 'cancelled')),
    cancel_requested boolean not null default false,
    -- The epoch of the leader that works on it.
    epoch bigint,
    -- Where the next leader goes on, and what was found so far.
    progress jsonb not null default '{}',
    report jsonb not null default '{}',
    error text,
    requested_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    primary key (partition, id)
);
create index reconciliation_runs_by_time on reconciliation_runs (requested_at desc);
