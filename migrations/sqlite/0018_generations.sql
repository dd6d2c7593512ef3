-- The configurations that were activated, by number. A manifest lists the chunks its configuration consists of; times
-- are microseconds of UTC by this database's clock.
CREATE TABLE generations (
    number     INTEGER PRIMARY KEY,
    parent     INTEGER,
    created_us INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    comment    TEXT,
    -- Rolled back to: nothing is activated automatically until somebody does it by hand.
    held       INTEGER NOT NULL DEFAULT 0,
    checksum   TEXT NOT NULL,
    manifest   BLOB NOT NULL,
    CONSTRAINT generations_number_positive CHECK (number > 0),
    CONSTRAINT generations_parent_older CHECK (parent < number),
    CONSTRAINT generations_actor_length CHECK (length(actor) BETWEEN 1 AND 100),
    CONSTRAINT generations_comment_length CHECK (length(comment) <= 1000),
    CONSTRAINT generations_held_flag CHECK (held IN (0, 1)),
    CONSTRAINT generations_checksum_length CHECK (length(checksum) = 64),
    CONSTRAINT generations_checksum_hexadecimal CHECK (checksum NOT GLOB '*[^0-9a-f]*')
) STRICT;
