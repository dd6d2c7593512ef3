-- Attempts by the quarter of an hour in which their call began.
CREATE TABLE traffic_attempts (
    quarter_us         BIGINT NOT NULL,
    node               VARCHAR(50) NOT NULL,
    -- inbound, outbound; empty: not known.
    direction          VARCHAR(20) NOT NULL,
    -- carrier, hop, local, unknown
    kind               VARCHAR(20) NOT NULL,
    -- 0: none.
    provider           BIGINT NOT NULL,
    -- Of the called number, and the prefix of the route; empty: none.
    country            VARCHAR(2) NOT NULL,
    prefix             VARCHAR(15) NOT NULL,
    attempts           BIGINT NOT NULL,
    -- By outcome.
    answered           BIGINT NOT NULL,
    user_busy          BIGINT NOT NULL,
    no_answer          BIGINT NOT NULL,
    rejected_by_user   BIGINT NOT NULL,
    subscriber         BIGINT NOT NULL,
    answered_elsewhere BIGINT NOT NULL,
    caller_gave_up     BIGINT NOT NULL,
    network            BIGINT NOT NULL,
    policy             BIGINT NOT NULL,
    other              BIGINT NOT NULL,
    unknown            BIGINT NOT NULL,
    -- Of those that were answered and whose end was heard, and how many those are.
    talk_us            BIGINT NOT NULL,
    talks              BIGINT NOT NULL,
    -- From the beginning to ringing, or else to the answer, and how many came so far.
    pdd_us             BIGINT NOT NULL,
    pdds               BIGINT NOT NULL,
    CONSTRAINT traffic_attempts_pk PRIMARY KEY (quarter_us, node, direction, kind, provider, country, prefix)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- The same of calls, each with the carrier, kind and prefix of the attempt that decided it.
CREATE TABLE traffic_calls (
    quarter_us         BIGINT NOT NULL,
    node               VARCHAR(50) NOT NULL,
    -- inbound, outbound; empty: not known.
    direction          VARCHAR(20) NOT NULL,
    -- carrier, hop, local, unknown
    kind               VARCHAR(20) NOT NULL,
    -- 0: none.
    provider           BIGINT NOT NULL,
    -- Of the called number, and the prefix of the route; empty: none.
    country            VARCHAR(2) NOT NULL,
    prefix             VARCHAR(15) NOT NULL,
    attempts           BIGINT NOT NULL,
    -- By outcome.
    answered           BIGINT NOT NULL,
    user_busy          BIGINT NOT NULL,
    no_answer          BIGINT NOT NULL,
    rejected_by_user   BIGINT NOT NULL,
    subscriber         BIGINT NOT NULL,
    answered_elsewhere BIGINT NOT NULL,
    caller_gave_up     BIGINT NOT NULL,
    network            BIGINT NOT NULL,
    policy             BIGINT NOT NULL,
    other              BIGINT NOT NULL,
    unknown            BIGINT NOT NULL,
    -- Of those that were answered and whose end was heard, and how many those are.
    talk_us            BIGINT NOT NULL,
    talks              BIGINT NOT NULL,
    -- From the beginning to ringing, or else to the answer, and how many came so far.
    pdd_us             BIGINT NOT NULL,
    pdds               BIGINT NOT NULL,
    CONSTRAINT traffic_calls_pk PRIMARY KEY (quarter_us, node, direction, kind, provider, country, prefix)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
