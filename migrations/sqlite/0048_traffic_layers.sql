-- Sums of `traffic_attempts`, so that a month is answered for in a blink. Without country and prefix:
CREATE TABLE traffic_attempts_carriers (
    quarter_us         INTEGER NOT NULL,
    node               TEXT NOT NULL,
    direction          TEXT NOT NULL,
    kind               TEXT NOT NULL,
    provider           INTEGER NOT NULL,
    attempts           INTEGER NOT NULL,
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
    talk_us            INTEGER NOT NULL,
    talks              INTEGER NOT NULL,
    pdd_us             INTEGER NOT NULL,
    pdds               INTEGER NOT NULL,
    CONSTRAINT traffic_attempts_carriers_pk PRIMARY KEY (quarter_us, node, direction, kind, provider)
) STRICT, WITHOUT ROWID;
INSERT INTO traffic_attempts_carriers (quarter_us, node, direction, kind, provider, attempts, answered, user_busy, no_answer, rejected_by_user, subscriber, answered_elsewhere, caller_gave_up, network, policy, other, unknown, talk_us, talks, pdd_us, pdds)
SELECT quarter_us, node, direction, kind, provider, SUM(attempts), SUM(answered), SUM(user_busy), SUM(no_answer), SUM(rejected_by_user), SUM(subscriber), SUM(answered_elsewhere), SUM(caller_gave_up), SUM(network), SUM(policy), SUM(other), SUM(unknown), SUM(talk_us), SUM(talks), SUM(pdd_us), SUM(pdds)
FROM traffic_attempts
GROUP BY quarter_us, node, direction, kind, provider;
-- By hours of UTC, of all nodes together:
CREATE TABLE traffic_attempts_hours (
    hour_us            INTEGER NOT NULL,
    direction          TEXT NOT NULL,
    kind               TEXT NOT NULL,
    provider           INTEGER NOT NULL,
    country            TEXT NOT NULL,
    prefix             TEXT NOT NULL,
    attempts           INTEGER NOT NULL,
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
    talk_us            INTEGER NOT NULL,
    talks              INTEGER NOT NULL,
    pdd_us             INTEGER NOT NULL,
    pdds               INTEGER NOT NULL,
    CONSTRAINT traffic_attempts_hours_pk PRIMARY KEY (hour_us, direction, kind, provider, country, prefix)
) STRICT, WITHOUT ROWID;
INSERT INTO traffic_attempts_hours (hour_us, direction, kind, provider, country, prefix, attempts, answered, user_busy, no_answer, rejected_by_user, subscriber, answered_elsewhere, caller_gave_up, network, policy, other, unknown, talk_us, talks, pdd_us, pdds)
SELECT quarter_us - quarter_us % 3600000000, direction, kind, provider, country, prefix, SUM(attempts), SUM(answered), SUM(user_busy), SUM(no_answer), SUM(rejected_by_user), SUM(subscriber), SUM(answered_elsewhere), SUM(caller_gave_up), SUM(network), SUM(policy), SUM(other), SUM(unknown), SUM(talk_us), SUM(talks), SUM(pdd_us), SUM(pdds)
FROM traffic_attempts WHERE quarter_us >= 0
GROUP BY quarter_us - quarter_us % 3600000000, direction, kind, provider, country, prefix;
-- The same of `traffic_calls`.
CREATE TABLE traffic_calls_carriers (
    quarter_us         INTEGER NOT NULL,
    node               TEXT NOT NULL,
    direction          TEXT NOT NULL,
    kind               TEXT NOT NULL,
    provider           INTEGER NOT NULL,
    attempts           INTEGER NOT NULL,
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
    talk_us            INTEGER NOT NULL,
    talks              INTEGER NOT NULL,
    pdd_us             INTEGER NOT NULL,
    pdds               INTEGER NOT NULL,
    CONSTRAINT traffic_calls_carriers_pk PRIMARY KEY (quarter_us, node, direction, kind, provider)
) STRICT, WITHOUT ROWID;
INSERT INTO traffic_calls_carriers (quarter_us, node, direction, kind, provider, attempts, answered, user_busy, no_answer, rejected_by_user, subscriber, answered_elsewhere, caller_gave_up, network, policy, other, unknown, talk_us, talks, pdd_us, pdds)
SELECT quarter_us, node, direction, kind, provider, SUM(attempts), SUM(answered), SUM(user_busy), SUM(no_answer), SUM(rejected_by_user), SUM(subscriber), SUM(answered_elsewhere), SUM(caller_gave_up), SUM(network), SUM(policy), SUM(other), SUM(unknown), SUM(talk_us), SUM(talks), SUM(pdd_us), SUM(pdds)
FROM traffic_calls
GROUP BY quarter_us, node, direction, kind, provider;
CREATE TABLE traffic_calls_hours (
    hour_us            INTEGER NOT NULL,
    direction          TEXT NOT NULL,
    kind               TEXT NOT NULL,
    provider           INTEGER NOT NULL,
    country            TEXT NOT NULL,
    prefix             TEXT NOT NULL,
    attempts           INTEGER NOT NULL,
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
    talk_us            INTEGER NOT NULL,
    talks              INTEGER NOT NULL,
    pdd_us             INTEGER NOT NULL,
    pdds               INTEGER NOT NULL,
    CONSTRAINT traffic_calls_hours_pk PRIMARY KEY (hour_us, direction, kind, provider, country, prefix)
) STRICT, WITHOUT ROWID;
INSERT INTO traffic_calls_hours (hour_us, direction, kind, provider, country, prefix, attempts, answered, user_busy, no_answer, rejected_by_user, subscriber, answered_elsewhere, caller_gave_up, network, policy, other, unknown, talk_us, talks, pdd_us, pdds)
SELECT quarter_us - quarter_us % 3600000000, direction, kind, provider, country, prefix, SUM(attempts), SUM(answered), SUM(user_busy), SUM(no_answer), SUM(rejected_by_user), SUM(subscriber), SUM(answered_elsewhere), SUM(caller_gave_up), SUM(network), SUM(policy), SUM(other), SUM(unknown), SUM(talk_us), SUM(talks), SUM(pdd_us), SUM(pdds)
FROM traffic_calls WHERE quarter_us >= 0
GROUP BY quarter_us - quarter_us % 3600000000, direction, kind, provider, country, prefix;
