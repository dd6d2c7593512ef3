//! Calls to be written.

use calls::{
    AttemptRecord, CallId, CallRecord, CallUpdate, Direction, Disposition, HangupBy, LegRecord, Party,
};
use domain::NodeName;

/// 2026-11-21 14:00:00 UTC.
pub(crate) const NOW_US: i64 = 1_795_269_600_000_000;
const SECOND_US: i64 = 1_000_000;

pub(crate) fn node() -> NodeName {
    "msk".parse().unwrap()
}

pub(crate) fn id(number: i64) -> CallId {
    let created_us = NOW_US + number * SECOND_US;
    CallId { node: node(), unique_id: format!("msk-{}.{number}", created_us / SECOND_US).into(), created_us }
}

pub(crate) fn ended(record: &CallRecord) -> CallUpdate {
    CallUpdate::Ended(Box::new(record.clone()))
}

/// An ordinary call: the first carrier refuses, the second is answered.
pub(crate) fn call(number: i64) -> CallRecord {
    let id = id(number);
    let at = |seconds: i64| Some(id.created_us + seconds * SECOND_US);
    let leg = |nth: i64, hangup_by| LegRecord {
        unique_id: format!("{}{}", id.unique_id, "+".repeat(nth.try_into().unwrap())).into(),
        linked_id: Some(id.unique_id.clone()),
        channel: format!("PJSIP/carrier-{number:08x}").into(),
        start_us: at(nth),
        answer_us: at(5),
        end_us: at(65),
        cause: Some(16),
        sip: Some(200),
        hangup_by,
    };
    let attempt = |position: u32| AttemptRecord {
        position,
        dial: Some("12025550100@carrier".into()),
        leg: format!("{}{}", id.unique_id, "+".repeat(position as usize)).into(),
        caller_leg: Some(id.unique_id.clone()),
        decision: Some(format!("d-{number}").into()),
        decision_attempt: Some(position),
        start_us: id.created_us + i64::from(position),
        ring_us: at(3),
        answer_us: at(5),
        end_us: at(65),
        cause: Some(16),
        sip: Some(200),
        dialstatus: Some("ANSWER".into()),
    };
    CallRecord {
        revision: 1,
        aliases: Vec::new(),
        root: Some(format!("r-{number}").into()),
        decision: Some(format!("d-{number}").into()),
        generation: Some(7),
        direction: Some(Direction::Outbound),
        caller: Some(Party { raw: "1000".into(), e164: None }),
        called: Some(Party { raw: "+12025550100".into(), e164: "12025550100".parse().ok() }),
        start_us: at(0),
        first_ring_us: at(3),
        answer_us: at(5),
        end_us: at(65),
        wait_us: Some(5 * SECOND_US),
        ring_us: Some(2 * SECOND_US),
        talk_us: Some(60 * SECOND_US),
        disposition: Some(Disposition::Answered),
        cause: Some(16),
        sip: Some(200),
        hangup_by: Some(HangupBy::Caller),
        flaws: Vec::new(),
        legs: vec![leg(0, Some(HangupBy::Caller)), leg(1, None), leg(2, None)],
        attempts: vec![attempt(1), attempt(2)],
        id,
    }
}
