-- What the servers prove themselves with: only the SHA-256 of a token is kept.
CREATE TABLE node_tokens (
    id           BIGINT NOT NULL AUTO_INCREMENT,
    server_id    BIGINT NOT NULL,
    token_sha256 VARCHAR(64) NOT NULL,
    comment      VARCHAR(200),
    CONSTRAINT node_tokens_pk PRIMARY KEY (id),
    CONSTRAINT node_tokens_token_sha256_unique UNIQUE (token_sha256),
    CONSTRAINT node_tokens_server_id_exists FOREIGN KEY (server_id) REFERENCES servers (id),
    CONSTRAINT node_tokens_token_sha256_length CHECK (char_length(token_sha256) = 64),
    CONSTRAINT node_tokens_token_sha256_hexadecimal CHECK (token_sha256 NOT REGEXP '[^0-9a-f]')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
