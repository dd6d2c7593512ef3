-- One decision of a router: what was asked, and what was answered. `calls` and `call_attempts` name it; calls that never
-- came to dial stand here and nowhere else. The key begins with the time because rows come in about that order.
CREATE TABLE decisions (
    -- By the router's clock, microseconds of UTC.
    decided_us  BIGINT NOT NULL,
    id          VARCHAR(64) NOT NULL,
    router      VARCHAR(200) NOT NULL,
    node        VARCHAR(50) NOT NULL,
    -- outbound, inbound
    verb        VARCHAR(20) NOT NULL,
    -- The linkedid that was asked with.
    call_id     VARCHAR(512) NOT NULL,
    -- The first decision over all nodes.
    root        VARCHAR(512) NOT NULL,
    -- NULL: tables that were never activated.
    generation  BIGINT,
    -- Whether another of our servers handed the call over.
    hopped      BOOLEAN NOT NULL,
    -- noncli, cli, premium; of calls to carriers
    class       VARCHAR(20),
    -- ok, goto, redirect, echo, reject, no_route
    status      VARCHAR(20) NOT NULL,
    -- Why there is nothing to dial, and the Q.850 cause of that.
    reason      VARCHAR(50),
    cause       INTEGER,
    -- The number the caller shows, or asks to have shown.
    caller_e164 VARCHAR(15),
    called_e164 VARCHAR(15),
    -- Of the called number, where its calling code is of one country only.
    country     VARCHAR(2),
    -- The carrier a call from outside comes from.
    provider_in BIGINT,
    -- How many there are in `decision_attempts`.
    attempts    INTEGER NOT NULL,
    -- The question as JSON, enough to decide again.
    request     TEXT NOT NULL,
    CONSTRAINT decisions_pk PRIMARY KEY (decided_us, id),
    CONSTRAINT decisions_id_length CHECK (id <> '')
) PARTITION BY RANGE (decided_us);
-- What belongs to no month that was prepared.
CREATE TABLE decisions_default PARTITION OF decisions DEFAULT;
CREATE INDEX decisions_id_index ON decisions (id);
CREATE INDEX decisions_root_index ON decisions (root);
