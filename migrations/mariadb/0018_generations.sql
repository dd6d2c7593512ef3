-- The configurations that were activated, by number. A manifest lists the chunks its configuration consists of; times
-- are microseconds of UTC by this database's clock.
CREATE TABLE generations (
    number     BIGINT NOT NULL,
    parent     BIGINT,
    created_us BIGINT NOT NULL,
    actor      VARCHAR(100) NOT NULL,
    comment    VARCHAR(1000),
    -- Rolled back to: nothing is activated automatically until somebody does it by hand.
    held       BOOLEAN NOT NULL DEFAULT FALSE,
    checksum   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    manifest   LONGBLOB NOT NULL,
    CONSTRAINT generations_pk PRIMARY KEY (number),
    CONSTRAINT generations_number_positive CHECK (number > 0),
    CONSTRAINT generations_parent_older CHECK (parent < number),
    CONSTRAINT generations_actor_length CHECK (actor <> ''),
    CONSTRAINT generations_held_flag CHECK (held IN (0, 1)),
    CONSTRAINT generations_checksum_length CHECK (char_length(checksum) = 64),
    CONSTRAINT generations_checksum_hexadecimal CHECK (checksum NOT REGEXP '[^0-9a-f]')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
