-- What a decision had dialled, in order.
CREATE TABLE decision_attempts (
    decided_us   INTEGER NOT NULL,
    decision     TEXT NOT NULL,
    -- From 1; `call_attempts.decision_attempt`.
    position     INTEGER NOT NULL,
    -- carrier, hop, local
    kind         TEXT NOT NULL,
    provider     INTEGER,
    prefix       TEXT,
    gate         INTEGER,
    number_shown TEXT,
    dial         TEXT NOT NULL,
    CONSTRAINT decision_attempts_pk PRIMARY KEY (decided_us, decision, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_attempts_decision_index ON decision_attempts (decision, position);
