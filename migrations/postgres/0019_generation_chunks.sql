-- The rows of activated configurations, packed in chunks that are named by their hash and stored once.
CREATE TABLE generation_chunks (
    hash   VARCHAR(64) NOT NULL,
    packed BYTEA NOT NULL,
    CONSTRAINT generation_chunks_pk PRIMARY KEY (hash),
    CONSTRAINT generation_chunks_hash_length CHECK (char_length(hash) = 64),
    CONSTRAINT generation_chunks_hash_hexadecimal CHECK (hash !~ '[^0-9a-f]')
);
