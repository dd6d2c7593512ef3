-- What a decision says to dial, in order, whether it came to that or not.
CREATE TABLE decision_attempts (
    decided_us   BIGINT NOT NULL,
    decision     VARCHAR(64) NOT NULL,
    -- From 1; `call_attempts.decision_attempt`.
    position     BIGINT NOT NULL,
    -- carrier, hop, local
    kind         VARCHAR(20) NOT NULL,
    -- Whose lines it takes, here or where the hop leads.
    provider     BIGINT,
    -- The longest prefix with a route that the called number begins with.
    prefix       VARCHAR(15),
    gate         BIGINT,
    number_shown VARCHAR(32),
    dial         VARCHAR(512) NOT NULL,
    CONSTRAINT decision_attempts_pk PRIMARY KEY (decided_us, decision, position),
    CONSTRAINT decision_attempts_position_range CHECK (position >= 1)
) PARTITION BY RANGE (decided_us);
-- What belongs to no month that was prepared.
CREATE TABLE decision_attempts_default PARTITION OF decision_attempts DEFAULT;
CREATE INDEX decision_attempts_decision_index ON decision_attempts (decision, position);

-- Decisions the tables refused, for somebody to look at; whoever has dealt with one deletes it.
CREATE TABLE decisions_set_aside (
    decided_us BIGINT NOT NULL,
    id         VARCHAR(64) NOT NULL,
    -- When, by this database's clock.
    refused_us BIGINT NOT NULL,
    -- The rule that was broken.
    rule       VARCHAR(200) NOT NULL,
    -- JSON.
    record     TEXT NOT NULL,
    CONSTRAINT decisions_set_aside_pk PRIMARY KEY (decided_us, id)
);
