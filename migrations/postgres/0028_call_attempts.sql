-- The Dials of a call, one row per channel that was dialled, in the order they began; failed ones too.
CREATE TABLE call_attempts (
    node             VARCHAR(50) NOT NULL,
    call_created_us  BIGINT NOT NULL,
    call_unique_id   VARCHAR(512) NOT NULL,
    -- From 1.
    position         BIGINT NOT NULL,
    dial             VARCHAR(512),
    -- The unique id of the called channel, and of the one that called it.
    leg              VARCHAR(512) NOT NULL,
    caller_leg       VARCHAR(512),
    decision         VARCHAR(512),
    -- Which attempt of the decision, from 1.
    decision_attempt BIGINT,
    start_us         BIGINT NOT NULL,
    ring_us          BIGINT,
    answer_us        BIGINT,
    end_us           BIGINT,
    cause            INTEGER,
    sip              INTEGER,
    -- As DialEnd wrote it.
    dialstatus       VARCHAR(512),
    CONSTRAINT call_attempts_pk PRIMARY KEY (node, call_created_us, call_unique_id, position)
) PARTITION BY RANGE (call_created_us);
-- What belongs to no month that was prepared.
CREATE TABLE call_attempts_default PARTITION OF call_attempts DEFAULT;
