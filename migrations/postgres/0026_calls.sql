-- One call of one node: everything its channels did for one purpose. Times are microseconds of UTC. The key begins with
-- node and time because rows come in about that order, and because most questions are about a time.
CREATE TABLE calls (
    node          VARCHAR(50) NOT NULL,
    -- When the first leg came to be; an Originate can use an id twice.
    created_us    BIGINT NOT NULL,
    unique_id     VARCHAR(512) NOT NULL,
    -- A higher one replaces a lower one.
    revision      BIGINT NOT NULL,
    complete      BOOLEAN NOT NULL,
    -- Why it is not complete, with commas: gap_disconnected, gap_journal_lost, gap_damaged, beginning_unseen,
    -- end_unseen, node_lost, expired, overflow.
    flaws         VARCHAR(200) NOT NULL,
    -- The first decision over all nodes, and the first on this one.
    root          VARCHAR(512),
    decision      VARCHAR(512),
    generation    BIGINT,
    -- inbound, outbound
    direction     VARCHAR(20),
    caller_raw    VARCHAR(512),
    caller_e164   VARCHAR(15),
    called_raw    VARCHAR(512),
    called_e164   VARCHAR(15),
    -- The carriers it came from and went to; not the recorder's to write.
    provider_in   BIGINT,
    provider_out  BIGINT,
    start_us      BIGINT,
    first_ring_us BIGINT,
    answer_us     BIGINT,
    end_us        BIGINT,
    wait_us       BIGINT,
    ring_us       BIGINT,
    talk_us       BIGINT,
    -- answered, cancelled, busy, no_answer, rejected, unavailable, congestion, failed
    disposition   VARCHAR(20),
    -- Q.850; 0 and 127 occur.
    cause         INTEGER,
    sip           INTEGER,
    -- caller, callee, dialplan, ami, node_lost
    hangup_by     VARCHAR(20),
    CONSTRAINT calls_pk PRIMARY KEY (node, created_us, unique_id),
    CONSTRAINT calls_node_length CHECK (node <> '')
) PARTITION BY RANGE (created_us);
-- What belongs to no month that was prepared.
CREATE TABLE calls_default PARTITION OF calls DEFAULT;
CREATE INDEX calls_end_us_index ON calls (node, end_us);
CREATE INDEX calls_root_index ON calls (root) WHERE root IS NOT NULL;
CREATE INDEX calls_decision_index ON calls (decision) WHERE decision IS NOT NULL;
CREATE INDEX calls_caller_e164_index ON calls (caller_e164) WHERE caller_e164 IS NOT NULL;
CREATE INDEX calls_called_e164_index ON calls (called_e164) WHERE called_e164 IS NOT NULL;
