-- What the servers prove themselves with: only the SHA-256 of a token is kept.
CREATE TABLE node_tokens (
    id           INTEGER PRIMARY KEY,
    server_id    INTEGER NOT NULL,
    token_sha256 TEXT NOT NULL,
    comment      TEXT,
    CONSTRAINT node_tokens_id_positive CHECK (id > 0),
    CONSTRAINT node_tokens_token_sha256_unique UNIQUE (token_sha256),
    CONSTRAINT node_tokens_server_id_exists FOREIGN KEY (server_id) REFERENCES servers (id),
    CONSTRAINT node_tokens_token_sha256_length CHECK (length(token_sha256) = 64),
    CONSTRAINT node_tokens_token_sha256_hexadecimal CHECK (token_sha256 NOT GLOB '*[^0-9a-f]*'),
    CONSTRAINT node_tokens_comment_length CHECK (length(comment) <= 200)
) STRICT;
CREATE INDEX node_tokens_server_id_index ON node_tokens (server_id);
