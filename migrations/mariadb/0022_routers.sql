-- The routers that gave a sign of life, and the generation each serves since when.
CREATE TABLE routers (
    name       VARCHAR(100) NOT NULL,
    generation BIGINT,
    checksum   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
    since_us   BIGINT NOT NULL,
    seen_us    BIGINT NOT NULL,
    state      VARCHAR(20) NOT NULL,
    detail     VARCHAR(500),
    version    VARCHAR(50) NOT NULL,
    CONSTRAINT routers_pk PRIMARY KEY (name),
    CONSTRAINT routers_name_length CHECK (name <> ''),
    CONSTRAINT routers_checksum_length CHECK (char_length(checksum) = 64),
    CONSTRAINT routers_checksum_hexadecimal CHECK (checksum NOT REGEXP '[^0-9a-f]'),
    CONSTRAINT routers_state_length CHECK (state <> ''),
    CONSTRAINT routers_version_length CHECK (version <> '')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
