-- The rows of activated configurations, packed in chunks that are named by their hash and stored once.
CREATE TABLE generation_chunks (
    hash   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    packed LONGBLOB NOT NULL,
    CONSTRAINT generation_chunks_pk PRIMARY KEY (hash),
    CONSTRAINT generation_chunks_hash_length CHECK (char_length(hash) = 64),
    CONSTRAINT generation_chunks_hash_hexadecimal CHECK (hash NOT REGEXP '[^0-9a-f]')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
