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
    text("provider", "came from or went to this carrier: its id"),
    text("provider_in", "came from this carrier"),
    text("provider_out", "went to this carrier"),
    text("caller", "the caller's number in international form, or its first digits and *"),
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
    text("root", "of this first decision over all nodes"),
    text("decision", "of this first decision on its node"),
];

/// What chooses a page of them.
pub const PAGING: &[Parameter] = &[
    Parameter { name: "sort", about: "the order; - is descending", values: SORTS, is_list: false },
    text("limit", "calls on a page, 1 to 1000"),
    text("cursor", "where the page begins: from the link to the next page"),
];

const DIRECTIONS: &[&str] = &["inbound", "outbound"];

const DISPOSITIONS: &[&str] =
    &["answered", "cancelled", "busy", "no_answer", "rejected", "unavailable", "congestion", "failed"];

const SORTS: &[&str] = &["start", "-start", "end", "-end", "wait", "-wait", "talk", "-talk"];
