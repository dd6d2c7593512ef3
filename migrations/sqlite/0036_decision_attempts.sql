-- What a decision says to dial, in order, whether it came to that or not.
CREATE TABLE decision_attempts (
    decided_us   INTEGER NOT NULL,
    decision     TEXT NOT NULL,
    -- From 1; `call_attempts.decision_attempt`.
    position     INTEGER NOT NULL,
    -- carrier, hop, local
    kind         TEXT NOT NULL,
    -- Whose lines it takes, here or where the hop leads.
    provider     INTEGER,
    -- The longest prefix with a route that the called number begins with.
    prefix       TEXT,
    gate         INTEGER,
    number_shown TEXT,
    dial         TEXT NOT NULL,
    CONSTRAINT decision_attempts_pk PRIMARY KEY (decided_us, decision, position),
    CONSTRAINT decision_attempts_position_range CHECK (position >= 1)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_attempts_decision_index ON decision_attempts (decision, position);

-- Decisions the tables refused, for somebody to look at; whoever has dealt with one deletes it.
CREATE TABLE decisions_set_aside (
    decided_us INTEGER NOT NULL,
    id         TEXT NOT NULL,
    -- When, by this database's clock.
    refused_us INTEGER NOT NULL,
    -- The rule that was broken.
    rule       TEXT NOT NULL,
    -- JSON.
    record     TEXT NOT NULL,
    CONSTRAINT decisions_set_aside_pk PRIMARY KEY (decided_us, id)
) STRICT, WITHOUT ROWID;
