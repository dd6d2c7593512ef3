-- One call of one node: everything its channels did for one purpose. Times are microseconds of UTC. The key begins with
-- node and time because rows come in about that order, and because most questions are about a time.
CREATE TABLE calls (
    node          TEXT NOT NULL,
    -- When the first leg came to be; an Originate can use an id twice.
    created_us    INTEGER NOT NULL,
    unique_id     TEXT NOT NULL,
    -- A higher one replaces a lower one.
    revision      INTEGER NOT NULL,
    complete      INTEGER NOT NULL,
    -- Why it is not complete, with commas: gap_disconnected, gap_journal_lost, gap_damaged, beginning_unseen,
    -- end_unseen, node_lost, expired, overflow.
    flaws         TEXT NOT NULL,
    -- The first decision over all nodes, and the first on this one.
    root          TEXT,
    decision      TEXT,
    generation    INTEGER,
    -- inbound, outbound
    direction     TEXT,
    caller_raw    TEXT,
    caller_e164   TEXT,
    called_raw    TEXT,
    called_e164   TEXT,
    -- The carriers it came from and went to; not the recorder's to write.
    provider_in   INTEGER,
    provider_out  INTEGER,
    start_us      INTEGER,
    first_ring_us INTEGER,
    answer_us     INTEGER,
    end_us        INTEGER,
    wait_us       INTEGER,
    ring_us       INTEGER,
    talk_us       INTEGER,
    -- answered, cancelled, busy, no_answer, rejected, unavailable, congestion, failed
    disposition   TEXT,
    -- Q.850; 0 and 127 occur.
    cause         INTEGER,
    sip           INTEGER,
    -- caller, callee, dialplan, ami, node_lost
    hangup_by     TEXT,
    CONSTRAINT calls_pk PRIMARY KEY (node, created_us, unique_id),
    CONSTRAINT calls_node_length CHECK (length(node) BETWEEN 1 AND 50),
    CONSTRAINT calls_complete_flag CHECK (complete IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_end_us_index ON calls (node, end_us);
CREATE INDEX calls_root_index ON calls (root) WHERE root IS NOT NULL;
CREATE INDEX calls_decision_index ON calls (decision) WHERE decision IS NOT NULL;
CREATE INDEX calls_caller_e164_index ON calls (caller_e164) WHERE caller_e164 IS NOT NULL;
CREATE INDEX calls_called_e164_index ON calls (called_e164) WHERE called_e164 IS NOT NULL;
