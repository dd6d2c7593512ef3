-- Sums of `traffic_attempts`, so that a month is answered for in a blink. Without country and prefix:
CREATE TABLE traffic_attempts_carriers (
    quarter_us         BIGINT NOT NULL,
    node               VARCHAR(50) NOT NULL,
    direction          VARCHAR(20) NOT NULL,
    kind               VARCHAR(20) NOT NULL,
    provider           BIGINT NOT NULL,
    attempts           BIGINT NOT NULL,
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
    talk_us            BIGINT NOT NULL,
    talks              BIGINT NOT NULL,
    pdd_us             BIGINT NOT NULL,
    pdds               BIGINT NOT NULL,
    CONSTRAINT traffic_attempts_carriers_pk PRIMARY KEY (quarter_us, node, direction, kind, provider)
);
INSERT INTO traffic_attempts_carriers (quarter_us, node, direction, kind, provider, attempts, answered, user_busy, no_answer, rejected_by_user, subscriber, answered_elsewhere, caller_gave_up, network, policy, other, unknown, talk_us, talks, pdd_us, pdds)
SELECT quarter_us, node, direction, kind, provider, SUM(attempts), SUM(answered), SUM(user_busy), SUM(no_answer), SUM(rejected_by_user), SUM(subscriber), SUM(answered_elsewhere), SUM(caller_gave_up), SUM(network), SUM(policy), SUM(other), SUM(unknown), SUM(talk_us), SUM(talks), SUM(pdd_us), SUM(pdds)
FROM traffic_attempts
GROUP BY quarter_us, node, direction, kind, provider;
-- By hours of UTC, of all nodes together:
CREATE TABLE traffic_attempts_hours (
    hour_us            BIGINT NOT NULL,
    direction          VARCHAR(20) NOT NULL,
    kind               VARCHAR(20) NOT NULL,
    provider           BIGINT NOT NULL,
    country            VARCHAR(2) NOT NULL,
    prefix             VARCHAR(15) NOT NULL,
    attempts           BIGINT NOT NULL,
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
    talk_us            BIGINT NOT NULL,
    talks              BIGINT NOT NULL,
    pdd_us             BIGINT NOT NULL,
    pdds               BIGINT NOT NULL,
    CONSTRAINT traffic_attempts_hours_pk PRIMARY KEY (hour_us, direction, kind, provider, country, prefix)
);
INSERT INTO traffic_attempts_hours (hour_us, direction, kind, provider, country, prefix, attempts, answered, user_busy, no_answer, rejected_by_user, subscriber, answered_elsewhere, caller_gave_up, network, policy, other, unknown, talk_us, talks, pdd_us, pdds)
SELECT quarter_us - quarter_us % 3600000000, direction, kind, provider, country, prefix, SUM(attempts), SUM(answered), SUM(user_busy), SUM(no_answer), SUM(rejected_by_user), SUM(subscriber), SUM(answered_elsewhere), SUM(caller_gave_up), SUM(network), SUM(policy), SUM(other), SUM(unknown), SUM(talk_us), SUM(talks), SUM(pdd_us), SUM(pdds)
FROM traffic_attempts WHERE quarter_us >= 0
GROUP BY quarter_us - quarter_us % 3600000000, direction, kind, provider, country, prefix;
-- The same of `traffic_calls`.
CREATE TABLE traffic_calls_carriers (
    quarter_us         BIGINT NOT NULL,
    node               VARCHAR(50) NOT NULL,
    direction          VARCHAR(20) NOT NULL,
    kind               VARCHAR(20) NOT NULL,
    provider           BIGINT NOT NULL,
    attempts           BIGINT NOT NULL,
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
    talk_us            BIGINT NOT NULL,
    talks              BIGINT NOT NULL,
    pdd_us             BIGINT NOT NULL,
    pdds               BIGINT NOT NULL,
    CONSTRAINT traffic_calls_carriers_pk PRIMARY KEY (quarter_us, node, direction, kind, provider)
);
INSERT INTO traffic_calls_carriers (quarter_us, node, direction, kind, provider, attempts, answered, user_busy, no_answer, rejected_by_user, subscriber, answered_elsewhere, caller_gave_up, network, policy, other, unknown, talk_us, talks, pdd_us, pdds)
SELECT quarter_us, node, direction, kind, provider, SUM(attempts), SUM(answered), SUM(user_busy), SUM(no_answer), SUM(rejected_by_user), SUM(subscriber), SUM(answered_elsewhere), SUM(caller_gave_up), SUM(network), SUM(policy), SUM(other), SUM(unknown), SUM(talk_us), SUM(talks), SUM(pdd_us), SUM(pdds)
FROM traffic_calls
GROUP BY quarter_us, node, direction, kind, provider;
CREATE TABLE traffic_calls_hours (
    hour_us            BIGINT NOT NULL,
    direction          VARCHAR(20) NOT NULL,
    kind               VARCHAR(20) NOT NULL,
    provider           BIGINT NOT NULL,
    country            VARCHAR(2) NOT NULL,
    prefix             VARCHAR(15) NOT NULL,
    attempts           BIGINT NOT NULL,
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
    talk_us            BIGINT NOT NULL,
    talks              BIGINT NOT NULL,
    pdd_us             BIGINT NOT NULL,
    pdds               BIGINT NOT NULL,
    CONSTRAINT traffic_calls_hours_pk PRIMARY KEY (hour_us, direction, kind, provider, country, prefix)
);
INSERT INTO traffic_calls_hours (hour_us, direction, kind, provider, country, prefix, attempts, answered, user_busy, no_answer, rejected_by_user, subscriber, answered_elsewhere, caller_gave_up, network, policy, other, unknown, talk_us, talks, pdd_us, pdds)
SELECT quarter_us - quarter_us % 3600000000, direction, kind, provider, country, prefix, SUM(attempts), SUM(answered), SUM(user_busy), SUM(no_answer), SUM(rejected_by_user), SUM(subscriber), SUM(answered_elsewhere), SUM(caller_gave_up), SUM(network), SUM(policy), SUM(other), SUM(unknown), SUM(talk_us), SUM(talks), SUM(pdd_us), SUM(pdds)
FROM traffic_calls WHERE quarter_us >= 0
GROUP BY quarter_us - quarter_us % 3600000000, direction, kind, provider, country, prefix;
