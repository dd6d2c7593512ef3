-- When nobody listened to a node: what happened then is in no record.
CREATE TABLE call_gaps (
    node    VARCHAR(50) NOT NULL,
    from_us BIGINT NOT NULL,
    -- disconnected, journal_lost, damaged
    reason  VARCHAR(20) NOT NULL,
    to_us   BIGINT NOT NULL,
    CONSTRAINT call_gaps_pk PRIMARY KEY (node, from_us, reason)
);
