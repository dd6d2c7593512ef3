-- What analysts and their tools may read: no whole number, no dial string, no channel, no question. An account that may
-- read nothing else reads these. Times are given both as a time and in microseconds of UTC, which indexes know.

-- Calls.
CREATE VIEW report_calls AS
SELECT
    node,
    created_us,
    unique_id,
    COALESCE(start_us, created_us) AS began_us,
    TIMESTAMPTZ 'epoch' + COALESCE(start_us, created_us) * INTERVAL '1 microsecond' AS began_at,
    TIMESTAMPTZ 'epoch' + answer_us * INTERVAL '1 microsecond' AS answered_at,
    TIMESTAMPTZ 'epoch' + end_us * INTERVAL '1 microsecond' AS ended_at,
    direction,
    CASE WHEN caller_e164 IS NOT NULL THEN CASE WHEN LENGTH(caller_e164) < 7 THEN caller_e164 ELSE RPAD(LEFT(caller_e164, LEAST(LENGTH(caller_e164) - 4, 7)), LENGTH(caller_e164), '*') END
        WHEN masked_us IS NOT NULL OR CHAR_LENGTH(caller_raw) < 7 THEN caller_raw END AS caller,
    CASE WHEN called_e164 IS NOT NULL THEN CASE WHEN LENGTH(called_e164) < 7 THEN called_e164 ELSE RPAD(LEFT(called_e164, LEAST(LENGTH(called_e164) - 4, 7)), LENGTH(called_e164), '*') END
        WHEN masked_us IS NOT NULL OR CHAR_LENGTH(called_raw) < 7 THEN called_raw END AS called,
    country,
    provider_in,
    provider_in_name,
    provider_out,
    provider_out_name,
    ROUND(wait_us / 1000000.0, 6) AS wait_s,
    ROUND(ring_us / 1000000.0, 6) AS ring_s,
    ROUND(talk_us / 1000000.0, 6) AS talk_s,
    disposition,
    outcome,
    cause,
    sip,
    hangup_by,
    complete,
    flaws,
    root,
    decision,
    generation
FROM calls
LEFT JOIN (SELECT id AS provider_in_id, providername AS provider_in_name FROM providers) provider_ins ON provider_in_id = provider_in
LEFT JOIN (SELECT id AS provider_out_id, providername AS provider_out_name FROM providers) provider_outs ON provider_out_id = provider_out;

-- Their channels; of the name only the technology.
CREATE VIEW report_legs AS
SELECT
    node,
    call_created_us,
    call_unique_id,
    position,
    unique_id,
    SPLIT_PART(channel, '/', 1) AS technology,
    TIMESTAMPTZ 'epoch' + start_us * INTERVAL '1 microsecond' AS started_at,
    TIMESTAMPTZ 'epoch' + answer_us * INTERVAL '1 microsecond' AS answered_at,
    TIMESTAMPTZ 'epoch' + end_us * INTERVAL '1 microsecond' AS ended_at,
    cause,
    sip,
    hangup_by
FROM call_legs;

-- Their Dials.
CREATE VIEW report_attempts AS
SELECT
    node,
    call_created_us,
    call_unique_id,
    position,
    kind,
    provider,
    provider_name,
    country,
    prefix,
    outcome,
    start_us,
    TIMESTAMPTZ 'epoch' + start_us * INTERVAL '1 microsecond' AS started_at,
    TIMESTAMPTZ 'epoch' + ring_us * INTERVAL '1 microsecond' AS rang_at,
    TIMESTAMPTZ 'epoch' + answer_us * INTERVAL '1 microsecond' AS answered_at,
    TIMESTAMPTZ 'epoch' + end_us * INTERVAL '1 microsecond' AS ended_at,
    ROUND((COALESCE(ring_us, answer_us) - start_us) / 1000000.0, 6) AS pdd_s,
    cause,
    sip,
    dialstatus,
    decision,
    decision_attempt
FROM call_attempts
LEFT JOIN (SELECT id AS provider_id, providername AS provider_name FROM providers) providers ON provider_id = provider;

-- What routers decided; calls that never came to dial among them.
CREATE VIEW report_decisions AS
SELECT
    decided_us,
    TIMESTAMPTZ 'epoch' + decided_us * INTERVAL '1 microsecond' AS decided_at,
    id,
    root,
    router,
    node,
    verb,
    generation,
    hopped,
    class,
    status,
    reason,
    cause,
    CASE WHEN LENGTH(caller_e164) < 7 THEN caller_e164 ELSE RPAD(LEFT(caller_e164, LEAST(LENGTH(caller_e164) - 4, 7)), LENGTH(caller_e164), '*') END AS caller,
    CASE WHEN LENGTH(called_e164) < 7 THEN called_e164 ELSE RPAD(LEFT(called_e164, LEAST(LENGTH(called_e164) - 4, 7)), LENGTH(called_e164), '*') END AS called,
    country,
    provider_in,
    provider_in_name,
    attempts
FROM decisions
LEFT JOIN (SELECT id AS provider_in_id, providername AS provider_in_name FROM providers) provider_ins ON provider_in_id = provider_in;

-- Sums of attempts by quarters of an hour. ASR is the sum of answered by that of seizures, NER that of effective by that of
-- seizures, ACD talk_s by talks, PDD pdd_s by pdds: sums first, then the ratio.
CREATE VIEW report_traffic_attempts AS
SELECT
    quarter_us,
    TIMESTAMPTZ 'epoch' + quarter_us * INTERVAL '1 microsecond' AS quarter_at,
    node,
    direction,
    kind,
    provider,
    provider_name,
    country,
    prefix,
    attempts AS total,
    attempts - unknown AS seizures,
    answered + user_busy + no_answer + rejected_by_user + subscriber + answered_elsewhere AS effective,
    answered,
    user_busy,
    no_answer,
    rejected_by_user,
    subscriber,
    answered_elsewhere,
    caller_gave_up,
    network,
    policy,
    other,
    unknown,
    ROUND(talk_us / 1000000.0, 6) AS talk_s,
    talks,
    ROUND(pdd_us / 1000000.0, 6) AS pdd_s,
    pdds
FROM traffic_attempts
LEFT JOIN (SELECT id AS provider_id, providername AS provider_name FROM providers) providers ON provider_id = provider;

-- Sums of calls by quarters of an hour. ASR is the sum of answered by that of seizures, NER that of effective by that of
-- seizures, ACD talk_s by talks, PDD pdd_s by pdds: sums first, then the ratio.
CREATE VIEW report_traffic_calls AS
SELECT
    quarter_us,
    TIMESTAMPTZ 'epoch' + quarter_us * INTERVAL '1 microsecond' AS quarter_at,
    node,
    direction,
    kind,
    provider,
    provider_name,
    country,
    prefix,
    attempts AS total,
    attempts - unknown AS seizures,
    answered + user_busy + no_answer + rejected_by_user + subscriber + answered_elsewhere AS effective,
    answered,
    user_busy,
    no_answer,
    rejected_by_user,
    subscriber,
    answered_elsewhere,
    caller_gave_up,
    network,
    policy,
    other,
    unknown,
    ROUND(talk_us / 1000000.0, 6) AS talk_s,
    talks,
    ROUND(pdd_us / 1000000.0, 6) AS pdd_s,
    pdds
FROM traffic_calls
LEFT JOIN (SELECT id AS provider_id, providername AS provider_name FROM providers) providers ON provider_id = provider;

-- What attempts ended with. -1 and empty: not known.
CREATE VIEW report_traffic_causes AS
SELECT
    quarter_us,
    TIMESTAMPTZ 'epoch' + quarter_us * INTERVAL '1 microsecond' AS quarter_at,
    node,
    kind,
    provider,
    provider_name,
    cause,
    sip,
    dialstatus,
    outcome,
    attempts
FROM traffic_causes
LEFT JOIN (SELECT id AS provider_id, providername AS provider_name FROM providers) providers ON provider_id = provider;

-- Questions that were answered with nothing to dial.
CREATE VIEW report_traffic_refusals AS
SELECT
    quarter_us,
    TIMESTAMPTZ 'epoch' + quarter_us * INTERVAL '1 microsecond' AS quarter_at,
    node,
    verb,
    status,
    reason,
    refusals
FROM traffic_refusals;

-- When nobody listened to a node.
CREATE VIEW report_gaps AS
SELECT
    node,
    from_us,
    to_us,
    TIMESTAMPTZ 'epoch' + from_us * INTERVAL '1 microsecond' AS from_at,
    TIMESTAMPTZ 'epoch' + to_us * INTERVAL '1 microsecond' AS to_at,
    reason
FROM call_gaps;
