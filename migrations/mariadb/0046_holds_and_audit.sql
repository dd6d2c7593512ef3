-- What a court or an authority wants kept: calls that a hold fits are neither masked nor removed until it is released.
CREATE TABLE legal_holds (
    id          BIGINT NOT NULL AUTO_INCREMENT,
    -- NULL: every number, every node.
    number      VARCHAR(15),
    node        VARCHAR(50),
    from_us     BIGINT NOT NULL,
    -- NULL: without an end.
    to_us       BIGINT,
    reason      VARCHAR(200) NOT NULL,
    made_us     BIGINT NOT NULL,
    made_by     VARCHAR(100) NOT NULL,
    -- NULL: it holds.
    released_us BIGINT,
    released_by VARCHAR(100),
    CONSTRAINT legal_holds_pk PRIMARY KEY (id),
    CONSTRAINT legal_holds_reason_length CHECK (reason <> ''),
    CONSTRAINT legal_holds_order CHECK (to_us > from_us)
);
-- What was done to records and holds, by whom, and why.
CREATE TABLE audit (
    id      BIGINT NOT NULL AUTO_INCREMENT,
    at_us   BIGINT NOT NULL,
    actor   VARCHAR(100) NOT NULL,
    -- retention_set, retention_removed, hold_made, hold_released
    action  VARCHAR(20) NOT NULL,
    subject VARCHAR(200) NOT NULL,
    reason  VARCHAR(200) NOT NULL,
    CONSTRAINT audit_pk PRIMARY KEY (id)
);
