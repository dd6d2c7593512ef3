-- The channels of a call, in the order they began; they belong to the revision `calls` shows.
CREATE TABLE call_legs (
    node            TEXT NOT NULL,
    call_created_us INTEGER NOT NULL,
    call_unique_id  TEXT NOT NULL,
    -- From 1.
    position        INTEGER NOT NULL,
    unique_id       TEXT NOT NULL,
    linked_id       TEXT,
    channel         TEXT NOT NULL,
    start_us        INTEGER,
    answer_us       INTEGER,
    end_us          INTEGER,
    cause           INTEGER,
    sip             INTEGER,
    hangup_by       TEXT,
    CONSTRAINT call_legs_pk PRIMARY KEY (node, call_created_us, call_unique_id, position)
) STRICT, WITHOUT ROWID;
