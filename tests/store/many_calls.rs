//! A great many calls, made by the database itself: statements all three take.

use std::fmt::Write;

/// 2026-10-01 00:00:00 UTC, when the first of them began; each next one two seconds later.
pub(crate) const FIRST_US: i64 = 1_790_812_800_000_000;
pub(crate) const LEGS_PER_CALL: u64 = 3;
pub(crate) const ATTEMPTS_PER_CALL: u64 = 2;

/// Digits of the greatest number of calls.
const DIGITS: u32 = 6;

/// Fills the three tables with so many calls, a million at most, and their legs and attempts.
pub(crate) fn statements(calls: u64) -> [String; 3] {
    let (numbers, few) = (numbers(DIGITS), numbers(1));
    [
        format!(
            "INSERT INTO calls (node, created_us, unique_id, revision, complete, flaws, root, decision, generation, \
             direction, caller_raw, caller_e164, called_raw, called_e164, start_us, first_ring_us, answer_us, end_us, \
             wait_us, ring_us, talk_us, disposition, cause, sip, hangup_by) \
             SELECT 'msk', began, 'msk-' || n, 1, TRUE, '', 'r-' || n, 'd-' || n, 7, 'outbound', '=cmd()', NULL, \
             '+1202555' || (1000 + n % 9000), '1202555' || (1000 + n % 9000), began, began + 3000000, \
             CASE WHEN n % 3 > 0 THEN began + 5000000 END, began + 65000000, 5000000, 2000000, \
             CASE WHEN n % 3 > 0 THEN 60000000 END, CASE WHEN n % 3 > 0 THEN 'answered' ELSE 'no_answer' END, \
             CASE WHEN n % 3 > 0 THEN 16 ELSE 19 END, CASE WHEN n % 3 > 0 THEN 200 ELSE 480 END, 'caller' \
             FROM (SELECT n, {FIRST_US} + n * 2000000 AS began FROM ({numbers}) AS numbers WHERE n < {calls}) AS calls"
        ),
        format!(
            "INSERT INTO call_legs (node, call_created_us, call_unique_id, position, unique_id, linked_id, channel, \
             start_us, answer_us, end_us, cause, sip, hangup_by) \
             SELECT node, created_us, unique_id, n, unique_id || '+' || n, unique_id, 'PJSIP/carrier-' || n, start_us, \
             answer_us, end_us, cause, sip, hangup_by \
             FROM calls CROSS JOIN ({few}) AS legs WHERE n BETWEEN 1 AND {LEGS_PER_CALL}"
        ),
        format!(
            "INSERT INTO call_attempts (node, call_created_us, call_unique_id, position, dial, leg, caller_leg, \
             decision, decision_attempt, start_us, ring_us, answer_us, end_us, cause, sip, dialstatus) \
             SELECT node, created_us, unique_id, n, called_e164 || '@carrier', unique_id || '+' || n, unique_id, \
             decision, n, start_us, first_ring_us, answer_us, end_us, cause, sip, 'ANSWER' \
             FROM calls CROSS JOIN ({few}) AS attempts WHERE n BETWEEN 1 AND {ATTEMPTS_PER_CALL}"
        ),
    ]
}

/// A query for the numbers of so many digits, as 64 bits.
fn numbers(digits: u32) -> String {
    let mut ten = "SELECT 10000000000 - 10000000000 AS d".to_owned();
    for digit in 1..10 {
        write!(ten, " UNION ALL SELECT {digit}").unwrap();
    }
    let sum: Vec<_> = (0..digits).map(|place| format!("{} * d{place}.d", 10_u64.pow(place))).collect();
    let tables: Vec<_> = (0..digits).map(|place| format!("({ten}) AS d{place}")).collect();
    format!("SELECT {} AS n FROM {}", sum.join(" + "), tables.join(" CROSS JOIN "))
}
