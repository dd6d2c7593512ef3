-- The channels of a call, in the order they began; they belong to the revision `calls` shows.
CREATE TABLE call_legs (
    node            VARCHAR(50) NOT NULL,
    call_created_us BIGINT NOT NULL,
    call_unique_id  VARCHAR(512) NOT NULL,
    -- From 1.
    position        BIGINT NOT NULL,
    unique_id       VARCHAR(512) NOT NULL,
    linked_id       VARCHAR(512),
    channel         VARCHAR(512) NOT NULL,
    start_us        BIGINT,
    answer_us       BIGINT,
    end_us          BIGINT,
    cause           INTEGER,
    sip             INTEGER,
    hangup_by       VARCHAR(20),
    CONSTRAINT call_legs_pk PRIMARY KEY (node, call_created_us, call_unique_id, position)
) PARTITION BY RANGE (call_created_us);
-- What belongs to no month that was prepared.
CREATE TABLE call_legs_default PARTITION OF call_legs DEFAULT;
