//! The names of what can be asked, which command line, API and its description share.

/// Something that can be said in a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: &'static str,
    /// What it means, in a line.
    pub about: &'static str,
    /// All its values, where they can be listed.
    pub values: &'static [&'static str],
    /// Whether it may be said several times, or once with commas.
    pub is_list: bool,
}

const fn text(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, values: &[], is_list: false }
}

/// How times are read and written.
pub const ZONE: &[Parameter] = &[text(
    "zone",
    "the time zone of all times in question and answer, such as Europe/Moscow; UTC unless said",
)];

/// What chooses calls.
pub const CONDITIONS: &[Parameter] = &[
    text(
        "from",
        "began then or later: an instant, a date and time or a date in the zone, or how long ago (24h)",
    ),
    text("to", "began before then"),
    ZONE[0],
    Parameter { name: "node", about: "on one of these nodes", values: &[], is_list: true },
    Parameter { name: "direction", about: "as the dialplan asked", values: DIRECTIONS, is_list: false },
    text("provider", "came from or went to this carrier: its id or its name"),
    text("provider_in", "came from this carrier"),
    text("provider_out", "went to this carrier"),
    text(
        "caller",
        "the caller's number: international, its first digits and *, an extension, or raw: and what was dialled",
    ),
    text("called", "the called number, likewise"),
    text("number", "the one or the other, likewise"),
    Parameter {
        name: "disposition",
        about: "ended in one of these ways",
        values: DISPOSITIONS,
        is_list: true,
    },
    text("cause", "ended with this Q.850 cause"),
    text("sip", "ended with this SIP code"),
    text("talk_min", "talked this long or longer: 90s, 5m; a bare number is seconds"),
    text("talk_max", "talked this long at most"),
    Parameter {
        name: "complete",
        about: "whether all of it was heard",
        values: &["true", "false"],
        is_list: false,
    },
    text("country", "the called number's country, such as US"),
    Parameter { name: "outcome", about: "what became of it, for ratios", values: OUTCOMES, is_list: true },
    text("root", "of this first decision over all nodes"),
    text("decision", "of this first decision on its node"),
];

/// What chooses a page of them.
pub const PAGING: &[Parameter] = &[
    Parameter { name: "sort", about: "the order; - is descending", values: SORTS, is_list: false },
    text("limit", "calls on a page, 1 to 1000"),
    text("cursor", "where the page begins: from the link to the next page"),
];

/// Whether numbers are shown whole.
pub const NUMBERS: &[Parameter] = &[Parameter {
    name: "numbers",
    about: "how numbers are shown; whole only for a reason, which is noted",
    values: &["masked", "whole"],
    is_list: false,
}];

/// What more can be told of one call.
pub const EXPLAIN: &[Parameter] = &[Parameter {
    name: "explain",
    about: "whether its decisions are made again, to show what became of every candidate",
    values: &["true", "false"],
    is_list: false,
}];

/// What is exported, and how.
pub const EXPORT: &[Parameter] = &[
    Parameter {
        name: "what",
        about: "which rows of the calls; calls unless said",
        values: &["calls", "legs", "attempts"],
        is_list: false,
    },
    Parameter {
        name: "format",
        about: "how rows are written",
        values: &["csv", "ndjson", "parquet"],
        is_list: false,
    },
];

/// What can be asked of ratios.
pub const STATS: &[Parameter] = &[
    text("from", "from when on, as for lists of calls; a day before the end unless said"),
    text("to", "until when; now unless said, and 31 days at most then"),
    ZONE[0],
    Parameter { name: "by", about: "one row for each of these", values: DIMENSIONS, is_list: true },
    Parameter { name: "per", about: "what is counted", values: &["attempt", "call"], is_list: false },
    Parameter {
        name: "kind",
        about: "only these kinds; of attempts carrier,unknown unless said, of calls all but hop",
        values: KINDS,
        is_list: true,
    },
    text("node", "only this node's"),
    text("provider", "only this carrier's: its id or its name"),
];

/// All there are.
pub(crate) const ALL: [&[Parameter]; 7] = [CONDITIONS, PAGING, NUMBERS, EXPLAIN, EXPORT, STATS, ZONE];

/// Which of them take a carrier.
pub(crate) const CARRIERS: [&str; 3] = ["provider", "provider_in", "provider_out"];

/// Which of them take a number.
pub(crate) const NUMBERED: [&str; 3] = ["caller", "called", "number"];

const DIRECTIONS: &[&str] = &["inbound", "outbound"];

const DISPOSITIONS: &[&str] =
    &["answered", "cancelled", "busy", "no_answer", "rejected", "unavailable", "congestion", "failed"];

const OUTCOMES: &[&str] = &[
    "answered",
    "user_busy",
    "no_answer",
    "rejected_by_user",
    "subscriber",
    "answered_elsewhere",
    "caller_gave_up",
    "network",
    "policy",
    "other",
    "unknown",
];

const DIMENSIONS: &[&str] =
    &["provider", "prefix", "country", "node", "direction", "kind", "hour", "day", "cause"];

const KINDS: &[&str] = &["carrier", "hop", "local", "unknown"];

const SORTS: &[&str] = &["start", "-start", "end", "-end", "wait", "-wait", "talk", "-talk"];
