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
    cause       INT,
    -- The number the caller shows, or asks to have shown.
    caller_e164 VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin,
    called_e164 VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin,
    -- Of the called number, where its calling code is of one country only.
    country     VARCHAR(2) CHARACTER SET ascii COLLATE ascii_bin,
    -- The carrier a call from outside comes from.
    provider_in BIGINT,
    -- How many there are in `decision_attempts`.
    attempts    INT NOT NULL,
    -- The question as JSON, enough to decide again.
    request     LONGTEXT NOT NULL,
    CONSTRAINT decisions_pk PRIMARY KEY (decided_us, id),
    INDEX decisions_id_index (id),
    INDEX decisions_root_index (root),
    CONSTRAINT decisions_id_length CHECK (id <> ''),
    CONSTRAINT decisions_hopped_flag CHECK (hopped IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
PARTITION BY RANGE (decided_us) (PARTITION later VALUES LESS THAN MAXVALUE);
