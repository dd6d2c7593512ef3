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
    CONSTRAINT decision_attempts_pk PRIMARY KEY (decided_us, decision, position)
) PARTITION BY RANGE (decided_us);
-- What belongs to no month that was prepared.
CREATE TABLE decision_attempts_default PARTITION OF decision_attempts DEFAULT;
CREATE INDEX decision_attempts_decision_index ON decision_attempts (decision, position);
