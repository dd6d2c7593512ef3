//! What stands in a node's journal: the node's own bytes, and the few things only its collector knows.

use asterisk::ami::Event;
use journal::Class;
use serde::{Deserialize, Serialize};

/// Records of this kind are blocks as they came, with their empty line.
pub(crate) const BLOCK: u8 = 1;
/// A block that could not be taken whole; its head, so that a person can see what it was.
pub(crate) const DAMAGED: u8 = 2;
/// A [`Note`] as JSON.
pub(crate) const NOTE: u8 = 3;

/// What no event tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub(crate) enum Note {
    /// A session began: nothing between the last block before this and now was heard.
    Opened,
    /// The session is over: from here on nothing is known of who is up.
    Closed,
    /// When Asterisk says it started, by its own calendar and without a zone: good for comparing, for nothing else.
    Started { when: Box<str> },
}

/// What is worth more when the disk cannot take everything: whatever changes a record.
pub(crate) fn class(event: &Event<'_>) -> Class {
    match event {
        // Only the answer to a manager's Hangup among them says anything about a call.
        Event::Other(block) if !block.name().is_some_and(|name| name.is("ChannelHungup")) => Class::Noise,
        Event::VarSet(_)
        | Event::Newexten(_)
        | Event::NewCallerid(_)
        | Event::NewConnectedLine(_)
        | Event::NewAccountCode(_)
        | Event::ContactStatus(_)
        | Event::PeerStatus(_)
        | Event::MusicOnHoldStart(_)
        | Event::MusicOnHoldStop(_)
        | Event::QueueMemberStatus(_)
        | Event::QueueParams(_)
        | Event::QueueMember(_) => Class::Noise,
        _ => Class::Keep,
    }
}
