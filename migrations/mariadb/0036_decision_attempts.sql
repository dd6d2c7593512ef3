-- What a decision had dialled, in order.
CREATE TABLE decision_attempts (
    decided_us   BIGINT NOT NULL,
    decision     VARCHAR(64) NOT NULL,
    -- From 1; `call_attempts.decision_attempt`.
    position     BIGINT NOT NULL,
    -- carrier, hop, local
    kind         VARCHAR(20) NOT NULL,
    provider     BIGINT,
    prefix       VARCHAR(15),
    gate         BIGINT,
    number_shown VARCHAR(32),
    dial         VARCHAR(512) NOT NULL,
    CONSTRAINT decision_attempts_pk PRIMARY KEY (decided_us, decision, position),
    INDEX decision_attempts_decision_index (decision, position)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
PARTITION BY RANGE (decided_us) (PARTITION later VALUES LESS THAN MAXVALUE);
