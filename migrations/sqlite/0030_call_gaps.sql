-- When nobody listened to a node: what happened then is in no record.
CREATE TABLE call_gaps (
    node    TEXT NOT NULL,
    from_us INTEGER NOT NULL,
    -- disconnected, journal_lost, damaged
    reason  TEXT NOT NULL,
    to_us   INTEGER NOT NULL,
    CONSTRAINT call_gaps_pk PRIMARY KEY (node, from_us, reason)
) STRICT, WITHOUT ROWID;
