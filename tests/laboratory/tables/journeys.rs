//! Which carriers a call is offered to.
//!
//! Every story has called numbers of its own: 447700900 (a range no subscriber has), two digits that choose the
//! carriers and their order, and one digit for node and story; three where the same story is told twice.

use crate::asterisk::PLANS;

/// The carriers a called number is offered to, in this order.
#[derive(Clone, Copy, Debug)]
pub struct Journey {
    pub(super) digits: &'static str,
    pub carriers: &'static [&'static str],
}

const fn journey(digits: &'static str, carriers: &'static [&'static str]) -> Journey {
    Journey { digits, carriers }
}

pub const AFTER_302: Journey = journey("02", &["refuses-302", "answers"]);
pub const AFTER_503: Journey = journey("03", &["refuses-503", "answers"]);
pub const AFTER_183_AND_503: Journey = journey("13", &["progresses-503", "answers"]);
pub const AFTER_HOSTILE_503: Journey = journey("05", &["refuses-hostilely", "answers"]);
pub const AFTER_403: Journey = journey("43", &["refuses-403", "answers"]);
pub const AFTER_408: Journey = journey("48", &["refuses-408", "answers"]);
pub const AFTER_500: Journey = journey("50", &["refuses-500", "answers"]);
pub const AFTER_404: Journey = journey("44", &["refuses-404", "answers"]);
pub const AFTER_480: Journey = journey("80", &["refuses-480", "answers"]);
pub const AFTER_486: Journey = journey("86", &["refuses-486", "answers"]);
pub const AFTER_603: Journey = journey("63", &["refuses-603", "answers"]);
pub const AFTER_RINGING: Journey = journey("12", &["rings", "answers"]);
pub const AFTER_SILENCE: Journey = journey("14", &["ignores-calls", "answers"]);
pub const AFTER_BRIEF_SILENCE: Journey = journey("16", &["ignores-briefly", "answers"]);
pub const AFTER_NOBODY: Journey = journey("15", &["ignores-everything", "answers"]);
pub const ALL_FAIL: Journey = journey("99", &["refuses-500", "refuses-403", "refuses-503"]);
pub const ANSWERED: Journey = journey("10", &["answers"]);
pub const HOSTILE: Journey = journey("66", &["answers"]);
pub const NOT_READY: Journey = journey("67", &["answers"]);
pub const WATCHED: Journey = journey("68", &["refuses-503", "answers"]);
pub const IDENTITY: Journey = journey("69", &["answers"]);
pub const OWN_POOL: Journey = journey("70", &["own-pool"]);
pub const ANY_NUMBER: Journey = journey("71", &["any-number"]);
pub const FIXED_NUMBER: Journey = journey("72", &["fixed-number"]);
pub const TARIFFS: Journey = journey("73", &["tariffs"]);
pub const REFERRED: Journey = journey("75", &["refers"]);
pub const OVER_IPV6: Journey = journey("76", &["over-ipv6"]);
/// Of the stories that take everything but the router itself away.
pub const SURVIVED: Journey = journey("77", &["answers"]);
/// Of the stories about records: the caller hangs up, or the called one.
pub const RECORDED: Journey = journey("78", &["refuses-503", "answers"]);
pub const RECORDED_LEFT: Journey = journey("79", &["refuses-503", "hangs-up"]);

/// Of the stories about decisions.
pub const DECIDED: Journey = journey("81", &["refuses-503", "answers"]);

pub const JOURNEYS: &[Journey] = &[
    AFTER_302,
    AFTER_503,
    AFTER_183_AND_503,
    AFTER_HOSTILE_503,
    AFTER_403,
    AFTER_408,
    AFTER_500,
    AFTER_404,
    AFTER_480,
    AFTER_486,
    AFTER_603,
    AFTER_RINGING,
    AFTER_SILENCE,
    AFTER_BRIEF_SILENCE,
    AFTER_NOBODY,
    ALL_FAIL,
    ANSWERED,
    HOSTILE,
    NOT_READY,
    WATCHED,
    IDENTITY,
    OWN_POOL,
    ANY_NUMBER,
    FIXED_NUMBER,
    TARIFFS,
    REFERRED,
    OVER_IPV6,
    SURVIVED,
    RECORDED,
    RECORDED_LEFT,
    DECIDED,
    // Through the gates of the pool.
    journey("20", &["gate-of-ast22"]),
    journey("21", &["gate-of-ast16"]),
    journey("22", &["gate-of-ast16p"]),
    journey("23", &["busy-gate-of-ast22", "answers"]),
    journey("24", &["busy-gate-of-ast16", "answers"]),
    journey("25", &["busy-gate-of-ast16p", "answers"]),
    journey("26", &["failing-gate-of-ast22", "answers"]),
    journey("27", &["failing-gate-of-ast16", "answers"]),
    journey("28", &["failing-gate-of-ast16p", "answers"]),
];

impl Journey {
    /// A called number of this journey; stories that share one differ in `story`, 0 to 2.
    pub fn number(&self, node: &str, story: usize) -> String {
        let node = PLANS.iter().position(|plan| plan.name == node).unwrap();
        format!("447700900{}{}", self.digits, story * PLANS.len() + node)
    }

    /// What all its numbers begin with.
    pub fn prefix(&self) -> String {
        format!("447700900{}", self.digits)
    }

    /// A called number of this journey for a story that is told twice and has this place among them.
    pub fn number_of_twin(&self, node: &str, place: usize) -> String {
        let node = PLANS.iter().position(|plan| plan.name == node).unwrap();
        format!("447700900{}{place:02}{node}", self.digits)
    }
}
