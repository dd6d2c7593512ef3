-- The Dials of a call, one row per channel that was dialled, in the order they began; failed ones too.
CREATE TABLE call_attempts (
    node             TEXT NOT NULL,
    call_created_us  INTEGER NOT NULL,
    call_unique_id   TEXT NOT NULL,
    -- From 1.
    position         INTEGER NOT NULL,
    dial             TEXT,
    -- The unique id of the called channel, and of the one that called it.
    leg              TEXT NOT NULL,
    caller_leg       TEXT,
    decision         TEXT,
    -- Which attempt of the decision, from 1.
    decision_attempt INTEGER,
    start_us         INTEGER NOT NULL,
    ring_us          INTEGER,
    answer_us        INTEGER,
    end_us           INTEGER,
    cause            INTEGER,
    sip              INTEGER,
    -- As DialEnd wrote it.
    dialstatus       TEXT,
    CONSTRAINT call_attempts_pk PRIMARY KEY (node, call_created_us, call_unique_id, position)
) STRICT, WITHOUT ROWID;
