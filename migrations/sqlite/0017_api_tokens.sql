-- What people and programs prove themselves with: only the SHA-256 of a token is kept.
CREATE TABLE api_tokens (
    id           INTEGER PRIMARY KEY,
    role         TEXT NOT NULL,
    token_sha256 TEXT NOT NULL,
    comment      TEXT,
    CONSTRAINT api_tokens_id_positive CHECK (id > 0),
    CONSTRAINT api_tokens_token_sha256_unique UNIQUE (token_sha256),
    CONSTRAINT api_tokens_role_word CHECK (role IN ('viewer', 'analyst', 'operator', 'admin')),
    CONSTRAINT api_tokens_token_sha256_length CHECK (length(token_sha256) = 64),
    CONSTRAINT api_tokens_token_sha256_hexadecimal CHECK (token_sha256 NOT GLOB '*[^0-9a-f]*'),
    CONSTRAINT api_tokens_comment_length CHECK (length(comment) <= 200)
) STRICT;
