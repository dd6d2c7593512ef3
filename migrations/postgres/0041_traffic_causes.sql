-- What attempts ended with. -1 and empty: not known.
CREATE TABLE traffic_causes (
    quarter_us BIGINT NOT NULL,
    node       VARCHAR(50) NOT NULL,
    kind       VARCHAR(20) NOT NULL,
    provider   BIGINT NOT NULL,
    -- Q.850
    cause      BIGINT NOT NULL,
    sip        BIGINT NOT NULL,
    dialstatus VARCHAR(20) NOT NULL,
    outcome    VARCHAR(20) NOT NULL,
    attempts   BIGINT NOT NULL,
    CONSTRAINT traffic_causes_pk PRIMARY KEY (quarter_us, node, kind, provider, cause, sip, dialstatus, outcome)
);
-- Questions that were answered with nothing to dial, by the quarter of an hour in which they were decided.
CREATE TABLE traffic_refusals (
    quarter_us BIGINT NOT NULL,
    node       VARCHAR(50) NOT NULL,
    verb       VARCHAR(20) NOT NULL,
    status     VARCHAR(20) NOT NULL,
    reason     VARCHAR(50) NOT NULL,
    refusals   BIGINT NOT NULL,
    CONSTRAINT traffic_refusals_pk PRIMARY KEY (quarter_us, node, verb, status, reason)
);
