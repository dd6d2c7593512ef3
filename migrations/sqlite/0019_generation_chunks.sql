-- The rows of activated configurations, packed in chunks that are named by their hash and stored once.
CREATE TABLE generation_chunks (
    hash   TEXT NOT NULL,
    packed BLOB NOT NULL,
    CONSTRAINT generation_chunks_pk PRIMARY KEY (hash),
    CONSTRAINT generation_chunks_hash_length CHECK (length(hash) = 64),
    CONSTRAINT generation_chunks_hash_hexadecimal CHECK (hash NOT GLOB '*[^0-9a-f]*')
) STRICT;
