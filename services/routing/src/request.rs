use std::net::IpAddr;

use domain::{Class, NodeName, Presentation};
use serde::{Deserialize, Serialize};

/// What a dialplan wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// A route for a call of ours.
    Outbound,
    /// What to do with a call from outside, or one that another of our servers handed over.
    Inbound,
}

impl Verb {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Inbound => "inbound",
        }
    }
}

/// One question of a dialplan, from a node that has proved who it is.
///
/// What others can write (`to`, `from`, `cli`) is still text here: which numbers are legal depends on the node's
/// country, so [`decide`](crate::decide()) parses it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub verb: Verb,
    /// The node that asks.
    pub node: &'a NodeName,
    /// The call's id on that node (Asterisk's linkedid): the splits between carriers hang on it.
    pub call: &'a str,
    /// The endpoint or peer the channel driver matched or authenticated.
    pub endpoint: &'a str,
    /// The address the call's signalling came from.
    pub source: Option<IpAddr>,
    /// What was dialled.
    pub to: &'a str,
    /// The number the caller shows. It identifies nobody; known customers reach their manager by it.
    pub from: &'a str,
    /// The number to show, where the dialplan asks for a certain one.
    pub cli: Option<&'a str>,
    /// Whether the caller withholds the number.
    pub presentation: Presentation,
    /// The class, where the dialplan asks for a certain one.
    pub class: Option<Class>,
    /// How often the call has gone from server to server already, as the calling server says. Believed only when the
    /// endpoint is one of our servers.
    pub hops: Option<u8>,
    /// When it was asked, microseconds of UTC; what is valid only for a time is so by this clock and no other. Absent
    /// from questions that were kept before anything was: whatever is enabled is valid then.
    pub asked_us: Option<i64>,
}
