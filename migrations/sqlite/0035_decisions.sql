-- One decision of a router: what was asked, and what was answered. `calls` and `call_attempts` name it; calls that never
-- came to dial stand here and nowhere else. The key begins with the time because rows come in about that order.
CREATE TABLE decisions (
    -- By the router's clock, microseconds of UTC.
    decided_us  INTEGER NOT NULL,
    id          TEXT NOT NULL,
    router      TEXT NOT NULL,
    node        TEXT NOT NULL,
    -- outbound, inbound
    verb        TEXT NOT NULL,
    -- The linkedid that was asked with.
    call_id     TEXT NOT NULL,
    -- The first decision over all nodes.
    root        TEXT NOT NULL,
    -- NULL: tables that were never activated.
    generation  INTEGER,
    -- Whether another of our servers handed the call over.
    hopped      INTEGER NOT NULL,
    -- noncli, cli, premium; of calls to carriers
    class       TEXT,
    -- ok, goto, redirect, echo, reject, no_route
    status      TEXT NOT NULL,
    -- Why there is nothing to dial, and the Q.850 cause of that.
    reason      TEXT,
    cause       INTEGER,
    -- The number the caller shows, or asks to have shown.
    caller_e164 TEXT,
    called_e164 TEXT,
    -- Of the called number, where its calling code is of one country only.
    country     TEXT,
    -- The carrier a call from outside comes from.
    provider_in INTEGER,
    -- How many there are in `decision_attempts`.
    attempts    INTEGER NOT NULL,
    -- The question as JSON, enough to decide again.
    request     TEXT NOT NULL,
    CONSTRAINT decisions_pk PRIMARY KEY (decided_us, id),
    CONSTRAINT decisions_id_length CHECK (length(id) BETWEEN 1 AND 64),
    CONSTRAINT decisions_hopped_flag CHECK (hopped IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_id_index ON decisions (id);
CREATE INDEX decisions_root_index ON decisions (root);
