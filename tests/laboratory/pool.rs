//! The numbers we lease: those that are called from outside, and those bound to a gate.

use crate::{asterisk::PLANS, tables};

/// A number every node has one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
pub const QUEUE: Leased = leased("24", OPEN, Answered::Place("lab-after", "700"));
/// The phone a hostile contact was registered for.
pub const HOSTILE_CONTACT: Leased = leased("19", OPEN, Answered::Phone("1014"));

/// The numbers of the two logins.
pub const OF_LOGINS: [Leased; 2] = [
    Leased { provider: "registrar", ..leased("20", OPEN, Answered::Phone("1010")) },
    Leased { provider: "registrar", ..leased("21", OPEN, Answered::Phone("1012")) },
];
pub const OF_WIDE: Leased = Leased { provider: "wide", ..leased("22", OPEN, Answered::Phone("1010")) };
pub const OVER_IPV6: Leased = Leased { provider: "over-ipv6", ..leased("23", OPEN, Answered::Phone("1010")) };

pub(crate) const POOL: [Leased; 15] = [
    PHONE,
    TWO_PLACES,
    OTHER_PROVIDERS,
    DISABLED,
    OUTGOING_ONLY,
    ECHO,
    GROUP,
    PLACE,
    QUEUE,
    UNASSIGNED,
    HOSTILE_CONTACT,
    OF_LOGINS[0],
    OF_LOGINS[1],
    OF_WIDE,
    OVER_IPV6,
];

impl Leased {
    /// The number of this kind whose calls are answered on a node.
    pub fn number(&self, node: &str) -> String {
        format!("442079460{}{}", self.digits, position(node))
    }
}

/// A caller whose calls go to a manager first, on every node another one.
#[derive(Clone, Copy, Debug)]
pub struct Customer {
    digits: &'static str,
    pub manager: &'static str,
}

/// Their managers answer, or are busy. Whoever counts calls of a customer is the only one to place them.
pub const OF_A_MANAGER: Customer = Customer { digits: "70", manager: "1010" };
pub const OF_A_BUSY_MANAGER: Customer = Customer { digits: "71", manager: "1011" };
pub const OF_A_DISTANT_MANAGER: Customer = Customer { digits: "72", manager: "1010" };
pub const TWICE: Customer = Customer { digits: "73", manager: "1010" };
pub const TWICE_BUSY: Customer = Customer { digits: "74", manager: "1011" };

pub(crate) const CUSTOMERS: [Customer; 5] =
    [OF_A_MANAGER, OF_A_BUSY_MANAGER, OF_A_DISTANT_MANAGER, TWICE, TWICE_BUSY];

impl Customer {
    /// The number of the customer whose manager is on this node.
    pub fn number(&self, node: &str) -> String {
        format!("442079460{}{}", self.digits, position(node))
    }
}

/// An account at the carrier where the nodes register; the section of that name is the gate of the account's number.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    pub name: &'static str,
    pub number: Leased,
    /// What the carrier calls there: the login, or `s` where PJSIP is not told another name.
    pub pjsip_user: &'static str,
}

/// Both at the same address.
pub const LOGINS: [Login; 2] = [
    Login { name: "trunk-a", number: OF_LOGINS[0], pjsip_user: "trunk-a" },
    Login { name: "trunk-b", number: OF_LOGINS[1], pjsip_user: "s" },
];

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

    /// The journey whose first carrier is this gate's.
    pub fn journey(&self) -> tables::Journey {
        let mut journeys = tables::JOURNEYS.iter();
        *journeys.find(|journey| journey.carriers[0] == self.provider).unwrap()
    }
}

fn position(node: &str) -> usize {
    PLANS.iter().position(|plan| plan.name == node).unwrap_or_else(|| panic!("no node {node}"))
}
