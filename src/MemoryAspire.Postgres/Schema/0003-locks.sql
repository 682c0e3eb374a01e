-- Leases of named locks. A row is never deleted, so that a name's fencing tokens only ever grow.
create table locks (
    partition smallint not null,
    tenant text not null,
    name text not null,
    fencing_token bigint not null,
    -- -infinity: released by its holder.
    expires_at timestamptz not null,
    primary key (partition, tenant, name)
);

-- Who leads, by what for. Every election makes the epoch one more; a leader's writes require that it is still its own.
create table leaders (
    partition smallint not null default 0,
    name text not null,
    epoch bigint not null,
    holder text not null,
    elected_at timestamptz not null,
    primary key (partition, name)
);

-- The answer of a request that made no events: {"done": …, "answer": …}. Not done: an answer so far, of work in several transactions.
alter table idempotency_keys add column answer jsonb;
