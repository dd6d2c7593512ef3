//! The carriers: one SIPp each, at an address of its own, always behaving the same.

use std::sync::OnceLock;

use crate::{
    asterisk::Plan,
    scenario,
    sipp::{self, Endpoint, Message},
    tables,
};

/// The carriers' network of RFC 3849.
const IPV6_NETWORK: &str = "2001:db8:53::";

/// What a carrier does with a call.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// Refuses with this SIP response.
    Refuses(u16),
    /// Refuses with a 503 and a reason phrase that means harm.
    RefusesHostilely,
    /// Sends a 183 first and refuses then.
    ProgressesAndRefuses(u16),
    /// Rings until the other side gives up.
    Rings,
    /// Rings and answers.
    Answers,
    /// Answers OPTIONS, so it passes for reachable, but not INVITE.
    IgnoresCalls,
    /// Answers nothing at all.
    IgnoresEverything,
    /// Rings, answers, and hangs up after a second.
    AnswersAndHangsUp,
    /// Answers, and would then have the caller transferred to a number of its own choice.
    AnswersAndRefers,
    /// Takes registrations, once the login has shown its password, and answers calls.
    AnswersAndRegisters,
}

#[derive(Clone, Copy, Debug)]
pub struct Carrier {
    pub name: &'static str,
    host: u8,
    ipv6: bool,
    pub answer: Answer,
}

const fn carrier(name: &'static str, host: u8, answer: Answer) -> Carrier {
    Carrier { name, host, ipv6: false, answer }
}

pub const CARRIERS: &[Carrier] = &[
    carrier("answers", 10, Answer::Answers),
    carrier("answers-too", 11, Answer::Answers),
    carrier("rings", 12, Answer::Rings),
    carrier("progresses-503", 13, Answer::ProgressesAndRefuses(503)),
    carrier("ignores-calls", 14, Answer::IgnoresCalls),
    carrier("ignores-everything", 15, Answer::IgnoresEverything),
    carrier("refuses-hostilely", 16, Answer::RefusesHostilely),
    carrier("refuses-302", 30, Answer::Refuses(302)),
    carrier("refuses-403", 31, Answer::Refuses(403)),
    carrier("refuses-404", 32, Answer::Refuses(404)),
    carrier("refuses-408", 33, Answer::Refuses(408)),
    carrier("refuses-480", 34, Answer::Refuses(480)),
    carrier("refuses-486", 35, Answer::Refuses(486)),
    carrier("refuses-500", 36, Answer::Refuses(500)),
    carrier("refuses-503", 37, Answer::Refuses(503)),
    carrier("refuses-603", 38, Answer::Refuses(603)),
    carrier("refers", 39, Answer::AnswersAndRefers),
    carrier("hangs-up", 40, Answer::AnswersAndHangsUp),
    // Those we lease numbers from.
    carrier("leases", 50, Answer::Answers),
    carrier("leases-too", 51, Answer::Answers),
    carrier(tables::LOOPS, 53, Answer::Answers),
    carrier("asks-nobody", 54, Answer::Answers),
    // A section on every node, and no address in the tables.
    carrier("unlisted", 52, Answer::Answers),
    // The nodes' section is wider than the one address in the tables.
    carrier("wide", 129, Answer::Answers),
    Carrier { ipv6: true, ..carrier("over-ipv6", 10, Answer::Answers) },
    // Where the nodes register.
    carrier("registrar", 70, Answer::AnswersAndRegisters),
    // The trunks behind gates.
    carrier("gate-answers", 60, Answer::Answers),
    carrier("gate-busy", 61, Answer::Refuses(486)),
    carrier("gate-fails", 62, Answer::Refuses(503)),
];

impl Carrier {
    pub fn named(name: &str) -> &'static Self {
        CARRIERS.iter().find(|carrier| carrier.name == name).unwrap_or_else(|| panic!("no carrier {name}"))
    }

    pub fn address(&self) -> String {
        if self.ipv6 { format!("{IPV6_NETWORK}{}", self.host) } else { format!("203.0.113.{}", self.host) }
    }

    /// The address as it stands in a URI.
    pub fn host(&self) -> String {
        if self.ipv6 { format!("[{}]", self.address()) } else { self.address() }
    }

    /// Whether a node has a section for it: `chan_sip` of the laboratory speaks IPv4.
    pub(crate) fn is_known_to(&self, node: &Plan) -> bool {
        !self.ipv6 || node.ipv6.is_some()
    }

    /// The addresses that a node takes for this carrier.
    pub(crate) fn matched(&self) -> String {
        if self.name == "wide" { "203.0.113.128/28".into() } else { self.address() }
    }

    /// What the tables know of its addresses: over IPv6 a network, as carriers have them.
    pub(crate) fn listed(&self) -> String {
        if self.ipv6 { format!("{IPV6_NETWORK}/64") } else { self.address() }
    }

    /// Whether the tables let it call in.
    pub(crate) fn may_call(&self) -> bool {
        ["leases", "leases-too", "wide", "over-ipv6", "registrar", tables::LOOPS].contains(&self.name)
    }

    pub(crate) fn is_ipv6(&self) -> bool {
        self.ipv6
    }

    /// Channel variables its section sets.
    pub(crate) fn variables(&self) -> &'static [&'static str] {
        match self.name {
            tables::LOOPS => &["DP_ROUTER1=http://127.0.0.1:8064"],
            "asks-nobody" => &["DP_ROUTER1=http://127.0.0.1:8061"],
            _ => &[],
        }
    }

    /// The INVITEs this carrier received for a called number, oldest first. Retransmissions are not counted.
    pub fn invites(&self, called: &str) -> Vec<Message> {
        let mut invites: Vec<Message> = Vec::new();
        for message in self.received() {
            let again = invites.iter().any(|seen| seen.header("Call-ID") == message.header("Call-ID"));
            if message.method() == Some("INVITE") && message.uri_user().ends_with(called) && !again {
                invites.push(message);
            }
        }
        invites
    }

    /// Everything this carrier received.
    pub fn received(&self) -> Vec<Message> {
        sipp::messages(&format!("carrier-{}", self.name))
            .into_iter()
            .filter(|message| message.received)
            .collect()
    }
}

/// Starts all carriers, once, and returns when each can be called: a node that asks one too early takes it for
/// unreachable until it asks again.
pub fn start() {
    static RUNNING: OnceLock<Vec<crate::Running>> = OnceLock::new();
    RUNNING.get_or_init(|| {
        let running = CARRIERS.iter().map(start_one).collect();
        sipp::wait_for_sockets(CARRIERS.iter().map(Carrier::address));
        running
    });
}

fn start_one(carrier: &Carrier) -> crate::Running {
    let address = carrier.address();
    let endpoint = Endpoint { name: &format!("carrier-{}", carrier.name), address: &address, port: 5060 };
    sipp::start(&endpoint, &scenario::carrier(carrier.answer), &[])
}
