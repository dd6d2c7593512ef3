-- What people and programs prove themselves with: only the SHA-256 of a token is kept.
CREATE TABLE api_tokens (
    id           BIGINT NOT NULL AUTO_INCREMENT,
    role         VARCHAR(8) NOT NULL,
    token_sha256 VARCHAR(64) NOT NULL,
    comment      VARCHAR(200),
    CONSTRAINT api_tokens_pk PRIMARY KEY (id),
    CONSTRAINT api_tokens_token_sha256_unique UNIQUE (token_sha256),
    CONSTRAINT api_tokens_role_word CHECK (role IN ('viewer', 'analyst', 'operator', 'admin')),
    CONSTRAINT api_tokens_token_sha256_length CHECK (char_length(token_sha256) = 64),
    CONSTRAINT api_tokens_token_sha256_hexadecimal CHECK (token_sha256 NOT REGEXP '[^0-9a-f]')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
