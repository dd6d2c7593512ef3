-- Attempts by the quarter of an hour in which their call began.
CREATE TABLE traffic_attempts (
    quarter_us         INTEGER NOT NULL,
    node               TEXT NOT NULL,
    -- inbound, outbound; empty: not known.
    direction          TEXT NOT NULL,
    -- carrier, hop, local, unknown
    kind               TEXT NOT NULL,
    -- 0: none.
    provider           INTEGER NOT NULL,
    -- Of the called number, and the prefix of the route; empty: none.
    country            TEXT NOT NULL,
    prefix             TEXT NOT NULL,
    attempts           INTEGER NOT NULL,
    -- By outcome.
    answered           INTEGER NOT NULL,
    user_busy          INTEGER NOT NULL,
    no_answer          INTEGER NOT NULL,
    rejected_by_user   INTEGER NOT NULL,
    subscriber         INTEGER NOT NULL,
    answered_elsewhere INTEGER NOT NULL,
    caller_gave_up     INTEGER NOT NULL,
    network            INTEGER NOT NULL,
    policy             INTEGER NOT NULL,
    other              INTEGER NOT NULL,
    unknown            INTEGER NOT NULL,
    -- Of those that were answered and whose end was heard, and how many those are.
    talk_us            INTEGER NOT NULL,
    talks              INTEGER NOT NULL,
    -- From the beginning to ringing, or else to the answer, and how many came so far.
    pdd_us             INTEGER NOT NULL,
    pdds               INTEGER NOT NULL,
    CONSTRAINT traffic_attempts_pk PRIMARY KEY (quarter_us, node, direction, kind, provider, country, prefix)
) STRICT, WITHOUT ROWID;
-- The same of calls, each with the carrier, kind and prefix of the attempt that decided it.
CREATE TABLE traffic_calls (
    quarter_us         INTEGER NOT NULL,
    node               TEXT NOT NULL,
    -- inbound, outbound; empty: not known.
    direction          TEXT NOT NULL,
    -- carrier, hop, local, unknown
    kind               TEXT NOT NULL,
    -- 0: none.
    provider           INTEGER NOT NULL,
    -- Of the called number, and the prefix of the route; empty: none.
    country            TEXT NOT NULL,
    prefix             TEXT NOT NULL,
    attempts           INTEGER NOT NULL,
    -- By outcome.
    answered           INTEGER NOT NULL,
    user_busy          INTEGER NOT NULL,
    no_answer          INTEGER NOT NULL,
    rejected_by_user   INTEGER NOT NULL,
    subscriber         INTEGER NOT NULL,
    answered_elsewhere INTEGER NOT NULL,
    caller_gave_up     INTEGER NOT NULL,
    network            INTEGER NOT NULL,
    policy             INTEGER NOT NULL,
    other              INTEGER NOT NULL,
    unknown            INTEGER NOT NULL,
    -- Of those that were answered and whose end was heard, and how many those are.
    talk_us            INTEGER NOT NULL,
    talks              INTEGER NOT NULL,
    -- From the beginning to ringing, or else to the answer, and how many came so far.
    pdd_us             INTEGER NOT NULL,
    pdds               INTEGER NOT NULL,
    CONSTRAINT traffic_calls_pk PRIMARY KEY (quarter_us, node, direction, kind, provider, country, prefix)
) STRICT, WITHOUT ROWID;
