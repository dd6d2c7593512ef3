-- What a court or an authority wants kept: calls that a hold fits are neither masked nor removed until it is released.
CREATE TABLE legal_holds (
    id          INTEGER PRIMARY KEY,
    -- NULL: every number, every node.
    number      TEXT,
    node        TEXT,
    from_us     INTEGER NOT NULL,
    -- NULL: without an end.
    to_us       INTEGER,
    reason      TEXT NOT NULL,
    made_us     INTEGER NOT NULL,
    made_by     TEXT NOT NULL,
    -- NULL: it holds.
    released_us INTEGER,
    released_by TEXT,
    CONSTRAINT legal_holds_reason_length CHECK (reason <> ''),
    CONSTRAINT legal_holds_order CHECK (to_us > from_us)
);
-- What was done to records and holds, by whom, and why.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at_us   INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    -- retention_set, retention_removed, hold_made, hold_released
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason  TEXT NOT NULL
);
