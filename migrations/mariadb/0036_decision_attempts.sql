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
    prefix       VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin,
    gate         BIGINT,
    number_shown VARCHAR(32),
    dial         VARCHAR(512) NOT NULL,
    CONSTRAINT decision_attempts_pk PRIMARY KEY (decided_us, decision, position),
    INDEX decision_attempts_decision_index (decision, position),
    CONSTRAINT decision_attempts_position_range CHECK (position >= 1)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
PARTITION BY RANGE (decided_us) (PARTITION later VALUES LESS THAN MAXVALUE);

-- Decisions the tables refused, for somebody to look at; whoever has dealt with one deletes it.
CREATE TABLE decisions_set_aside (
    decided_us BIGINT NOT NULL,
    id         VARCHAR(64) NOT NULL,
    -- When, by this database's clock.
    refused_us BIGINT NOT NULL,
    -- The rule that was broken.
    rule       VARCHAR(200) NOT NULL,
    -- JSON.
    record     LONGTEXT NOT NULL,
    CONSTRAINT decisions_set_aside_pk PRIMARY KEY (decided_us, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
