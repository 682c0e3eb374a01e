-- Memories whose content was stored without its vector, because what makes vectors was away.
create table pending_embeddings (
    partition smallint not null,
    id uuid not null,
    tenant text not null,
    -- The memory's version that has no vector; a later one without takes its place.
    version bigint not null,
    -- Until then somebody is at it.
    claimed_until timestamptz not null default '-infinity',
    primary key (partition, id)
);
create index pending_embeddings_by_claim on pending_embeddings (claimed_until);
