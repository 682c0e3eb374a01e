-- The source of truth. Every table has the partition as the first column of its primary key, so that
-- all of them can be distributed by it and stay co-located.

-- Which database this is: another row, another incarnation, and positions of one mean nothing in the other.
create table database_identity (
    id uuid primary key default gen_random_uuid()
);
insert into database_identity default values;

-- The head of each partition's log. The writing transaction holds the row until it commits, so the order
-- of positions is the order of commits and there are no gaps to wait for.
create table partition_heads (
    partition smallint primary key check (partition between 0 and 255),
    head bigint not null default 0,
    at timestamptz not null default '-infinity'
);
insert into partition_heads (partition) select generate_series(0, 255);

create table memories (
    partition smallint not null,
    id uuid not null,
    tenant text not null,
    "user" text,
    agent text,
    session text,
    kind text not null,
    content text not null,
    metadata jsonb not null,
    importance double precision not null,
    version bigint not null,
    -- The version that brought the present vector; null without a vector.
    vector_version bigint,
    -- The position of the event that made this state.
    position bigint not null,
    digest bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    expires_at timestamptz,
    content_search tsvector generated always as (to_tsvector('english', content)) stored,
    primary key (partition, id)
);
create index memories_by_user on memories (tenant, "user", created_at desc, id desc);
create index memories_by_agent on memories (tenant, agent, created_at desc, id desc) where agent is not null;
create index memories_by_session on memories (tenant, session, created_at desc, id desc) where session is not null;
create index memories_by_time on memories (tenant, created_at desc, id desc);
create index memories_by_expiry on memories (expires_at) where expires_at is not null;
create index memories_by_content on memories using gin (content_search);

-- Append-only: the index is rebuilt by reading, never by paying for embeddings again.
create table memory_vectors (
    partition smallint not null,
    id uuid not null,
    vector_version bigint not null,
    model text not null,
    -- Little-endian float32, as it was given or made.
    embedding bytea not null,
    primary key (partition, id, vector_version, model)
);
alter table memory_vectors alter column embedding set storage external;

-- Append-only: the audit trail, the change feed, and the redo log of the derived tiers.
create table memory_events (
    partition smallint not null,
    position bigint not null,
    type text not null check (type in ('created', 'updated', 'deleted', 'expired')),
    tenant text not null,
    memory_id uuid not null,
    version bigint not null,
    vector_version bigint,
    "user" text,
    agent text,
    session text,
    kind text not null,
    -- From here to expires_at: the state, null after deleted and expired.
    content text,
    metadata jsonb,
    importance double precision,
    digest bigint,
    created_at timestamptz,
    updated_at timestamptz,
    expires_at timestamptz,
    transaction_id uuid not null,
    actor text not null,
    at timestamptz not null,
    primary key (partition, position)
);
create unique index memory_events_by_memory on memory_events (partition, memory_id, version);

-- One row per write that carried a key, in the write's own transaction. The answer is told again from the
-- log, so a row holds only where its events are.
create table idempotency_keys (
    partition smallint not null,
    tenant text not null,
    key text not null,
    -- SHA-256 over method, path, query, If-Match and body.
    request_hash bytea not null,
    -- The events' partitions and positions, in the order of the operations; empty until the write has them.
    partitions smallint[] not null default '{}',
    positions bigint[] not null default '{}',
    created_at timestamptz not null default now(),
    primary key (partition, tenant, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- One build of the semantic index. Exactly one is live.
create table generations (
    generation bigint primary key,
    model text not null,
    dimension integer not null check (dimension > 0),
    state text not null check (state in ('live', 'building', 'retired')),
    created_at timestamptz not null default now()
);
create unique index generations_live on generations (state) where state = 'live';
