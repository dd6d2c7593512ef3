//! The numbers we lease: those that are called from outside, and those bound to a gate.

use crate::{asterisk::PLANS, carriers::Carrier, tables};

/// A number every node has one of.
#[derive(Clone, Copy, Debug)]
pub struct Leased {
    digits: &'static str,
    pub(crate) provider: &'static str,
    /// Columns other than those every number has.
    pub(crate) columns: &'static str,
    pub(crate) answered: Answered,
}

/// Where its calls are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    Nowhere,
    Phone(&'static str),
    /// The group with this phone alone.
    GroupOf(&'static str),
    /// A place of the node's own dialplan.
    Place(&'static str, &'static str),
}

const fn leased(digits: &'static str, columns: &'static str, answered: Answered) -> Leased {
    Leased { digits, provider: "leases", columns, answered }
}

const OPEN: &str = "direction = \"IN/OUT\"";

pub const PHONE: Leased = leased("10", OPEN, Answered::Phone("1010"));
pub const TWO_PLACES: Leased = leased("11", OPEN, Answered::Phone("1013"));
pub const OTHER_PROVIDERS: Leased =
    Leased { provider: "leases-too", ..leased("12", OPEN, Answered::Phone("1010")) };
pub const DISABLED: Leased = leased("13", "direction = \"IN/OUT\"\nenabled = false", Answered::Phone("1010"));
pub const OUTGOING_ONLY: Leased = leased("14", "direction = \"OUT\"", Answered::Phone("1010"));
pub const ECHO: Leased = leased("15", "direction = \"IN/OUT\"\nechotest = true", Answered::Nowhere);
pub const GROUP: Leased = leased("16", OPEN, Answered::GroupOf("1012"));
pub const PLACE: Leased = leased("17", OPEN, Answered::Place("lab-after", "600"));
pub const UNASSIGNED: Leased = leased("18", OPEN, Answered::Nowhere);
/// The phone a hostile contact was registered for.
pub const HOSTILE_CONTACT: Leased = leased("19", OPEN, Answered::Phone("1014"));

pub(crate) const POOL: [Leased; 10] = [
    PHONE,
    TWO_PLACES,
    OTHER_PROVIDERS,
    DISABLED,
    OUTGOING_ONLY,
    ECHO,
    GROUP,
    PLACE,
    UNASSIGNED,
    HOSTILE_CONTACT,
];

impl Leased {
    /// The number of this kind whose calls are answered on a node.
    pub fn number(&self, node: &str) -> String {
        format!("442079460{}{}", self.digits, position(node))
    }
}

/// Callers who have a manager of their own on a node: one who answers, and one who is busy.
pub fn customer(node: &str, manager: &str) -> String {
    let digit = MANAGERS.iter().position(|name| *name == manager).unwrap();
    format!("120255501{}{}", 6 + digit, position(node))
}

pub(crate) const MANAGERS: [&str; 2] = ["1010", "1011"];

/// A gate of one node, and the provider whose only number is bound to it.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    pub provider: &'static str,
    pub node: &'static str,
    pub carrier: &'static str,
}

const fn gate(provider: &'static str, node: &'static str, carrier: &'static str) -> Gate {
    Gate { provider, node, carrier }
}

/// The first one of each node is also the one its fallback uses.
pub const GATES: [Gate; 9] = [
    gate("gate-of-ast22", "ast22", "gate-answers"),
    gate("gate-of-ast16", "ast16", "gate-answers"),
    gate("gate-of-ast16p", "ast16p", "gate-answers"),
    gate("busy-gate-of-ast22", "ast22", "gate-busy"),
    gate("busy-gate-of-ast16", "ast16", "gate-busy"),
    gate("busy-gate-of-ast16p", "ast16p", "gate-busy"),
    gate("failing-gate-of-ast22", "ast22", "gate-fails"),
    gate("failing-gate-of-ast16", "ast16", "gate-fails"),
    gate("failing-gate-of-ast16p", "ast16p", "gate-fails"),
];

impl Gate {
    /// The gate of a node that leads to a carrier.
    pub fn of(node: &str, carrier: &str) -> &'static Self {
        GATES.iter().find(|gate| gate.node == node && gate.carrier == carrier).unwrap()
    }

    /// The number that is shown through this gate and no other.
    pub fn number(&self) -> String {
        let place = GATES.iter().position(|gate| gate.provider == self.provider).unwrap();
        format!("44207946090{place}")
    }

    pub(crate) fn address(&self) -> String {
        Carrier::named(self.carrier).address()
    }

    /// The journey whose first carrier is this gate's.
    pub fn journey(&self) -> tables::Journey {
        let mut journeys = tables::JOURNEYS.iter();
        *journeys.find(|journey| journey.carriers[0] == self.provider).unwrap()
    }
}

fn position(node: &str) -> usize {
    PLANS.iter().position(|plan| plan.name == node).unwrap_or_else(|| panic!("no node {node}"))
}
