-- What attempts ended with. -1 and empty: not known.
CREATE TABLE traffic_causes (
    quarter_us INTEGER NOT NULL,
    node       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    provider   INTEGER NOT NULL,
    -- Q.850
    cause      INTEGER NOT NULL,
    sip        INTEGER NOT NULL,
    dialstatus TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    CONSTRAINT traffic_causes_pk PRIMARY KEY (quarter_us, node, kind, provider, cause, sip, dialstatus, outcome)
) STRICT, WITHOUT ROWID;
-- Questions that were answered with nothing to dial, by the quarter of an hour in which they were decided.
CREATE TABLE traffic_refusals (
    quarter_us INTEGER NOT NULL,
    node       TEXT NOT NULL,
    verb       TEXT NOT NULL,
    status     TEXT NOT NULL,
    reason     TEXT NOT NULL,
    refusals   INTEGER NOT NULL,
    CONSTRAINT traffic_refusals_pk PRIMARY KEY (quarter_us, node, verb, status, reason)
) STRICT, WITHOUT ROWID;
