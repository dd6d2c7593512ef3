use std::fmt;

use domain::{
    Cause, Class, ContextName, Digits, E164, ExtenName, GateId, Prefix, Presentation, ProviderId, StopRule,
};

use crate::{Dial, Generation, Verb};

/// The answer to one [`Request`](crate::Request). Borrows from the snapshot that gave it: an answer never mixes two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'s> {
    /// The configuration that decided.
    pub generation: Generation,
    /// Whether the call was handed over by another of our servers.
    pub hopped: bool,
    pub outcome: Outcome<'s>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'s> {
    /// Dial these, one after another, and then go on.
    Dial { attempts: Vec<Attempt<'s>>, then: Then<'s> },
    /// The node's own dialplan knows what to do.
    Goto(DialplanPlace<'s>),
    /// The number lives on another of our servers.
    Redirect(Attempt<'s>),
    /// Play everything back to the caller.
    Echo,
    /// Policy forbids the call, or the question makes no sense.
    Reject(RefusalReason),
    /// The call is legal, but nobody can carry it.
    NoRoute,
}

/// What follows when every attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then<'s> {
    Hangup,
    Goto(DialplanPlace<'s>),
}

/// A place in a node's own dialplan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialplanPlace<'s> {
    pub context: &'s ContextName,
    pub exten: &'s ExtenName,
}

impl Outcome<'_> {
    /// The contract's word for it.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Dial { .. } => "ok",
            Self::Goto(_) => "goto",
            Self::Redirect(_) => "redirect",
            Self::Echo => "echo",
            Self::Reject(_) => "reject",
            Self::NoRoute => "no_route",
        }
    }

    /// Why there is nothing to dial.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Reject(reason) => Some(reason.as_str()),
            Self::NoRoute => Some("no_provider_takes_it"),
            _ => None,
        }
    }

    /// What the caller's channel ends with: at once when there is nothing to dial, else when every attempt failed.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Dial { .. } | Self::Goto(_) | Self::Redirect(_) => Cause::NO_CIRCUIT,
            Self::Echo => Cause::NORMAL_CLEARING,
            Self::Reject(reason) => reason.cause(),
            Self::NoRoute => Cause::NO_ROUTE,
        }
    }

    /// What is dialled, in order.
    pub fn attempts(&self) -> &[Attempt<'_>] {
        match self {
            Self::Dial { attempts, .. } => attempts,
            Self::Redirect(attempt) => std::slice::from_ref(attempt),
            _ => &[],
        }
    }
}

/// One Dial: what to dial, as whom, for how long, and which outcomes end the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt<'s> {
    pub dial: Dial<'s>,
    pub caller_id: CallerId,
    pub presentation: Presentation,
    pub timeout_s: u16,
    pub stop_rule: &'s StopRule,
    /// What the server reached by a hop asks.
    pub asks: Option<HopQuestion>,
    /// Whose lines it takes; phones of ours are nobody's.
    pub via: Option<Via>,
}

/// The carrier of an attempt, be it dialled here or by the server at the other end of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Via {
    pub provider: ProviderId,
    /// The longest prefix for which somebody has a route: what was called. Emergency and service numbers have none.
    pub prefix: Option<Prefix>,
    /// The dial peer that the number shown is bound to.
    pub gate: Option<GateId>,
}

/// What the server at the other end of a hop asks in its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HopQuestion {
    pub verb: Verb,
    /// The class of an outgoing call.
    pub class: Option<Class>,
}

/// The number the called side is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerId {
    Number(E164),
    /// A colleague sees the caller's extension.
    Extension(Digits),
    /// There is no number to show.
    Unknown,
}

impl CallerId {
    /// What is shown, if anything is.
    pub fn digits(self) -> Option<Digits> {
        match self {
            Self::Number(number) => Some(number.into()),
            Self::Extension(digits) => Some(digits),
            Self::Unknown => None,
        }
    }
}

impl fmt::Display for CallerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Extension(digits) => digits.fmt(f),
            Self::Unknown => Ok(()),
        }
    }
}

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every reason, for metrics and documents.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word the contract, the metrics and the explanations use.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

reasons! {
    /// Why a question was refused.
    RefusalReason {
        /// The node is not in the tables, or disabled.
        UnknownNode = "unknown_node",
        /// No enabled extension of the node has this endpoint.
        UnknownEndpoint = "unknown_endpoint",
        /// What was dialled is no number in the node's country.
        NotANumber = "not_a_number",
        /// The number to show that was asked for is no number.
        BadCallerId = "bad_caller_id",
        /// The extension is disabled.
        ExtensionDisabled = "extension_disabled",
        /// The extension lives on another server, which cannot be reached from here.
        ExtensionElsewhere = "extension_elsewhere",
        /// No provider calls from this address.
        UnknownSource = "unknown_source",
        /// What was called is no number of the pool.
        UnknownNumber = "unknown_number",
        /// The number is leased from another provider than the one that calls.
        WrongProvider = "wrong_provider",
        /// The number is disabled.
        NumberDisabled = "number_disabled",
        /// The number is leased for outgoing calls only.
        NumberOutgoingOnly = "number_outgoing_only",
        /// Nobody has said where calls to the number are answered.
        NoDestination = "no_destination",
        /// The number lives on a server that cannot be reached from here.
        ServerUnreachable = "server_unreachable",
        /// The call has gone from server to server already.
        HopLimit = "hop_limit",
        /// One of our servers calls without saying why.
        BadHop = "bad_hop",
    }
}

impl RefusalReason {
    /// The Q.850 cause the caller's channel ends with.
    pub fn cause(self) -> Cause {
        match self {
            Self::UnknownNode
            | Self::UnknownEndpoint
            | Self::BadCallerId
            | Self::UnknownSource
            | Self::WrongProvider
            | Self::NumberOutgoingOnly
            | Self::BadHop => Cause::REJECTED,
            Self::NotANumber => Cause::INVALID_NUMBER,
            Self::UnknownNumber | Self::NumberDisabled => Cause::UNALLOCATED,
            Self::ExtensionDisabled | Self::ExtensionElsewhere => Cause::SUBSCRIBER_ABSENT,
            Self::NoDestination => Cause::NO_ROUTE,
            Self::ServerUnreachable => Cause::NO_CIRCUIT,
            Self::HopLimit => Cause::EXCHANGE_ROUTING_ERROR,
        }
    }
}

reasons! {
    /// Why one candidate was not dialled. Each loser has exactly one.
    DropReason {
        /// The provider is disabled.
        ProviderDisabled = "provider_disabled",
        /// Only leases us numbers; no outgoing traffic goes through it.
        NumberProviderOnly = "number_provider_only",
        /// The address only receives.
        IncomingOnly = "incoming_only",
        /// The address is the carrier's media, which is not dialled.
        MediaOnly = "media_only",
        /// The address is disabled.
        AddressDisabled = "address_disabled",
        /// The address is not valid yet, or not any more.
        AddressNotValid = "address_not_valid",
        /// No route of the provider takes this number in this class.
        DestinationNotTaken = "destination_not_taken",
        /// The provider has tariff prefixes, but none for this class.
        ClassNotSold = "class_not_sold",
        /// There is no number that this provider would let us show.
        NothingToShow = "nothing_to_show",
        /// The only numbers it would let us show are the called country's own, which it does not want.
        DomesticCallerId = "domestic_caller_id",
        /// The number to show must be dialled through a gate on a server that cannot be reached from here.
        GateElsewhere = "gate_elsewhere",
        /// The gate passes no caller's number on, and the class promises one.
        GateWithoutCallerId = "gate_without_caller_id",
        /// The server that handed the call over asked for one certain gate.
        NotAskedFor = "not_asked_for",
        /// The number to show leaves through its gate, not through the provider's addresses.
        BoundToGate = "bound_to_gate",
        /// Another gate of the number to show is nearer.
        OtherGate = "other_gate",
        /// Enough addresses of this provider stand before it.
        ProviderLimit = "provider_limit",
        /// Enough attempts stand before it.
        AttemptLimit = "attempt_limit",
        /// The phone is disabled.
        ExtensionDisabled = "extension_disabled",
        /// The phone is on a server that cannot be reached from here.
        ExtensionElsewhere = "extension_elsewhere",
        /// The phone is rung already, by an attempt before this one.
        AlreadyRung = "already_rung",
    }
}
