-- The routers that gave a sign of life, and the generation each serves since when.
CREATE TABLE routers (
    name       TEXT NOT NULL,
    generation INTEGER,
    checksum   TEXT,
    since_us   INTEGER NOT NULL,
    seen_us    INTEGER NOT NULL,
    state      TEXT NOT NULL,
    detail     TEXT,
    version    TEXT NOT NULL,
    CONSTRAINT routers_pk PRIMARY KEY (name),
    CONSTRAINT routers_name_length CHECK (length(name) BETWEEN 1 AND 100),
    CONSTRAINT routers_checksum_length CHECK (length(checksum) = 64),
    CONSTRAINT routers_checksum_hexadecimal CHECK (checksum NOT GLOB '*[^0-9a-f]*'),
    CONSTRAINT routers_state_length CHECK (length(state) BETWEEN 1 AND 20),
    CONSTRAINT routers_detail_length CHECK (length(detail) <= 500),
    CONSTRAINT routers_version_length CHECK (length(version) BETWEEN 1 AND 50)
) STRICT;
