-- Equality and elements within the metadata, as filters ask for them. It holds hashes of paths and values only, and new rows
-- wait in a list of their own, which vacuum or the next few thousand writes put in place.
create index memories_by_metadata on memories using gin (metadata jsonb_path_ops) with (fastupdate = on, gin_pending_list_limit = 4096);
