//! The rules that fresh tables hold. They stand in the migration too, and a test compares the two.

use crate::{
    outcome::Outcome::{
        self, AnsweredElsewhere, CallerGaveUp, Network, NoAnswer, Policy, RejectedByUser, Subscriber,
        UserBusy,
    },
    rules::{Rule, Span},
};

/// Priority, SIP codes, Q.850 causes, dialstatus, rang, outcome, comment; 0-0 and "" are not looked at.
type Line = (i64, (u16, u16), (u16, u16), &'static str, Option<bool>, Outcome, &'static str);

const ANY: (u16, u16) = (0, 0);

const LINES: &[Line] = &[
    (100, ANY, (26, 26), "", None, AnsweredElsewhere, "another telephone of a group was taken"),
    (
        110,
        ANY,
        ANY,
        "CANCEL",
        Some(true),
        NoAnswer,
        "the caller left while it rang: the network had done its part",
    ),
    (120, ANY, ANY, "CANCEL", None, CallerGaveUp, "causes and codes of a cancelled leg say nothing"),
    (200, (180, 189), ANY, "NOANSWER", None, NoAnswer, "early media instead of ringing"),
    (210, (300, 399), ANY, "", None, Network, "redirections are not followed"),
    (220, (401, 403), ANY, "", None, Policy, "a carrier refuses: no right, no credit"),
    (230, (404, 404), ANY, "", None, Subscriber, "no such number"),
    (240, (407, 407), ANY, "", None, Policy, "a carrier wants a password"),
    (250, (408, 408), ANY, "", Some(true), NoAnswer, ""),
    (260, (410, 410), ANY, "", None, Subscriber, "number changed"),
    (270, (480, 480), ANY, "", Some(true), NoAnswer, ""),
    (280, (480, 480), ANY, "", None, Subscriber, "nobody registered, or not to be disturbed"),
    (290, (484, 485), ANY, "", None, Subscriber, "incomplete or ambiguous number"),
    (300, (486, 486), ANY, "", None, UserBusy, ""),
    (310, (400, 486), ANY, "", None, Network, "every other 4xx; 487 only says that we gave up"),
    (320, (488, 599), ANY, "", None, Network, ""),
    (330, (600, 600), ANY, "", None, UserBusy, ""),
    (340, (603, 603), ANY, "", None, RejectedByUser, "declined by the called side"),
    (350, (604, 604), ANY, "", None, Subscriber, "no such number anywhere"),
    (360, (607, 607), ANY, "", None, RejectedByUser, "unwanted"),
    (370, (608, 608), ANY, "", None, Policy, "rejected on the way"),
    (380, (601, 699), ANY, "", None, Network, ""),
    (400, ANY, (1, 1), "", None, Subscriber, "unallocated number"),
    (410, ANY, (2, 3), "", None, Network, "no route"),
    (420, ANY, (4, 5), "", None, Subscriber, "misdialled"),
    (430, ANY, (17, 17), "", None, UserBusy, ""),
    (440, ANY, (18, 18), "", Some(true), NoAnswer, ""),
    (450, ANY, (18, 18), "", None, Subscriber, "no user responding"),
    (460, ANY, (19, 19), "", None, NoAnswer, "alerted, no answer"),
    (470, ANY, (20, 20), "", None, Subscriber, "absent"),
    (480, ANY, (21, 21), "", Some(true), RejectedByUser, "declined while it rang"),
    (
        490,
        ANY,
        (21, 21),
        "",
        None,
        Policy,
        "refused before it rang: 403 and 603 look alike without a SIP code",
    ),
    (500, ANY, (22, 23), "", None, Subscriber, "number changed"),
    (510, ANY, (27, 28), "", None, Subscriber, "out of order, or incomplete number"),
    (520, ANY, (29, 29), "", None, Policy, "facility rejected"),
    (530, ANY, (50, 57), "", None, Policy, "not subscribed, barred, not authorised"),
    (540, ANY, (87, 87), "", None, Policy, "not a member of the group"),
    (550, ANY, (88, 88), "", None, Subscriber, "incompatible destination"),
    (560, ANY, (34, 126), "", None, Network, "no circuit, out of order, protocol, interworking"),
    (600, ANY, ANY, "BUSY", None, UserBusy, ""),
    (610, ANY, ANY, "CONGESTION", None, Network, ""),
    (620, ANY, ANY, "CHANUNAVAIL", None, Network, ""),
    (630, ANY, ANY, "NOANSWER", Some(true), NoAnswer, ""),
    (640, ANY, ANY, "NOANSWER", None, Network, "silence for as long as it was tried"),
    (650, ANY, ANY, "", Some(true), NoAnswer, ""),
];

pub(crate) fn rules() -> Vec<Rule> {
    LINES.iter().map(rule).collect()
}

fn rule(&(priority, sip, cause, status, rang, outcome, comment): &Line) -> Rule {
    let span = |(from, to)| Span::new(from, to).ok().filter(|_| (from, to) != ANY);
    Rule {
        priority,
        sip: span(sip),
        cause: span(cause),
        dialstatus: Some(status).filter(|status| !status.is_empty()).map(Into::into),
        rang,
        outcome,
        comment: comment.into(),
    }
}
