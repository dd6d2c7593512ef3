-- Calls the tables refused, for somebody to look at; whoever has dealt with one deletes it.
CREATE TABLE calls_set_aside (
    node       TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    unique_id  TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    -- When, by this database's clock.
    refused_us INTEGER NOT NULL,
    -- The rule that was broken.
    rule       TEXT NOT NULL,
    -- JSON; NULL where it was too long to be kept.
    record     TEXT,
    CONSTRAINT calls_set_aside_pk PRIMARY KEY (node, created_us, unique_id, revision)
) STRICT, WITHOUT ROWID;
