use domain::{Cause, Digits, E164, PeerName, Presentation, StopRule};

use crate::{Dial, Generation};

/// The answer to one [`Request`](crate::Request). Borrows from the snapshot that gave it: an answer never mixes two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'s> {
    /// The configuration that decided.
    pub generation: Generation,
    pub outcome: Outcome<'s>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'s> {
    /// Dial these, one after another.
    Dial(Vec<Attempt<'s>>),
    /// Policy forbids the call, or the question makes no sense.
    Reject(RefusalReason),
    /// The call is legal, but nobody can carry it.
    NoRoute,
}

impl Outcome<'_> {
    /// The contract's word for it.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Dial(_) => "ok",
            Self::Reject(_) => "reject",
            Self::NoRoute => "no_route",
        }
    }

    /// Why there is nothing to dial.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Dial(_) => None,
            Self::Reject(reason) => Some(reason.as_str()),
            Self::NoRoute => Some("no_provider_takes_it"),
        }
    }

    /// What the caller's channel ends with: at once when there is nothing to dial, else when every attempt failed.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Dial(_) => Cause::NO_CIRCUIT,
            Self::Reject(reason) => reason.cause(),
            Self::NoRoute => Cause::NO_ROUTE,
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
}

impl<'s> Attempt<'s> {
    /// The endpoint whose contacts the dialplan expands, for phones of ours.
    pub fn endpoint(&self) -> Option<&'s PeerName> {
        match self.dial {
            Dial::Endpoint { endpoint, .. } => Some(endpoint),
            _ => None,
        }
    }
}

/// The number the called side is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerId {
    Number(E164),
    /// A colleague sees the caller's extension.
    Extension(Digits),
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
        /// The extension lives on another server.
        ExtensionElsewhere = "extension_elsewhere",
    }
}

impl RefusalReason {
    /// The Q.850 cause the caller's channel ends with.
    pub fn cause(self) -> Cause {
        match self {
            Self::UnknownNode | Self::UnknownEndpoint | Self::BadCallerId => Cause::REJECTED,
            Self::NotANumber => Cause::INVALID_NUMBER,
            Self::ExtensionDisabled | Self::ExtensionElsewhere => Cause::SUBSCRIBER_ABSENT,
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
        /// The address is disabled.
        AddressDisabled = "address_disabled",
        /// No route of the provider takes this number in this class.
        DestinationNotTaken = "destination_not_taken",
        /// The provider has tariff prefixes, but none for this class.
        ClassNotSold = "class_not_sold",
        /// There is no number that this provider would let us show.
        NothingToShow = "nothing_to_show",
        /// The number to show must be dialled through a gate on another server.
        GateElsewhere = "gate_elsewhere",
        /// The gate of the shown number is dialled already.
        SameGate = "same_gate",
        /// Enough addresses of this provider stand before it.
        ProviderLimit = "provider_limit",
        /// Enough attempts stand before it.
        AttemptLimit = "attempt_limit",
    }
}
