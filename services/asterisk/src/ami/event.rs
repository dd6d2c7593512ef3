//! What events mean, whichever version of Asterisk wrote them.

mod bridge;
mod channel;
mod dial;
mod list;
mod node;
mod queue;
mod reading;

pub use bridge::{
    AttendedTransfer, BlindTransfer, Bridge, BridgeMember, BridgeMerge, Link, LocalBridge,
    LocalOptimizationBegin, LocalOptimizationEnd, Parking, Pickup,
};
pub use channel::{
    Channel, Hangup, HangupRequest, Masquerade, MusicOnHold, Newexten, Rename, UserEvent, VarSet,
};
pub use dial::{Dial, OriginateResponse};
pub use list::{CoreShowChannel, ListEnd, Status};
pub use node::{Contact, FullyBooted, Peer, Reload, Shutdown};
pub use queue::{Agent, QueueCaller, QueueMember, QueueParams};
pub(super) use reading::Reading;

use super::{block::Block, dialect};

/// An event with its meaning, borrowed from its frame. Names are those of Asterisk 12 and later; older ones are
/// translated.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    // the node
    FullyBooted(FullyBooted<'a>),
    Reload(Reload<'a>),
    Shutdown(Shutdown),
    ContactStatus(Contact<'a>),
    PeerStatus(Peer<'a>),
    // a channel
    Newchannel(Channel<'a>),
    Newstate(Channel<'a>),
    NewCallerid(Channel<'a>),
    NewConnectedLine(Channel<'a>),
    NewAccountCode(Channel<'a>),
    Newexten(Newexten<'a>),
    VarSet(VarSet<'a>),
    Rename(Rename<'a>),
    /// Until Asterisk 11.
    Masquerade(Masquerade<'a>),
    HangupRequest(HangupRequest<'a>),
    SoftHangupRequest(HangupRequest<'a>),
    Hangup(Hangup<'a>),
    Hold(MusicOnHold<'a>),
    Unhold(MusicOnHold<'a>),
    MusicOnHoldStart(MusicOnHold<'a>),
    MusicOnHoldStop(MusicOnHold<'a>),
    UserEvent(UserEvent<'a>),
    // a dial
    DialBegin(Dial<'a>),
    DialState(Dial<'a>),
    DialEnd(Dial<'a>),
    OriginateResponse(OriginateResponse<'a>),
    // bridges and what moves channels between them
    BridgeCreate(Bridge<'a>),
    BridgeDestroy(Bridge<'a>),
    BridgeEnter(BridgeMember<'a>),
    BridgeLeave(BridgeMember<'a>),
    BridgeMerge(BridgeMerge<'a>),
    /// Until Asterisk 11: two channels hear each other, in a bridge that has no name.
    Link(Link<'a>),
    /// The end of a [`Self::Link`].
    Unlink(Link<'a>),
    LocalBridge(LocalBridge<'a>),
    LocalOptimizationBegin(LocalOptimizationBegin<'a>),
    LocalOptimizationEnd(LocalOptimizationEnd<'a>),
    BlindTransfer(BlindTransfer<'a>),
    AttendedTransfer(AttendedTransfer<'a>),
    Pickup(Pickup<'a>),
    ParkedCall(Parking<'a>),
    ParkedCallGiveUp(Parking<'a>),
    ParkedCallTimeOut(Parking<'a>),
    ParkedCallSwap(Parking<'a>),
    UnParkedCall(Parking<'a>),
    // queues
    QueueCallerJoin(QueueCaller<'a>),
    QueueCallerLeave(QueueCaller<'a>),
    /// Sent when `Queue()` times out, too: only what the caller's channel does next tells.
    QueueCallerAbandon(QueueCaller<'a>),
    QueueMemberAdded(QueueMember<'a>),
    QueueMemberRemoved(QueueMember<'a>),
    QueueMemberPause(QueueMember<'a>),
    QueueMemberPenalty(QueueMember<'a>),
    QueueMemberRinginuse(QueueMember<'a>),
    QueueMemberStatus(QueueMember<'a>),
    AgentCalled(Agent<'a>),
    AgentConnect(Agent<'a>),
    AgentComplete(Agent<'a>),
    AgentDump(Agent<'a>),
    AgentRingNoAnswer(Agent<'a>),
    // items of lists that were asked for
    CoreShowChannel(CoreShowChannel<'a>),
    CoreShowChannelsComplete(ListEnd),
    Status(Status<'a>),
    StatusComplete(ListEnd),
    BridgeListItem(Bridge<'a>),
    BridgeListComplete(ListEnd),
    BridgeInfoChannel(Channel<'a>),
    BridgeInfoComplete(Bridge<'a>),
    QueueParams(QueueParams<'a>),
    QueueMember(QueueMember<'a>),
    QueueEntry(QueueCaller<'a>),
    QueueStatusComplete(ListEnd),
    /// An event no call record needs, or one this crate does not know.
    Other(&'a Block),
}

impl<'a> Event<'a> {
    /// Reads the block of a [`super::Frame::Event`].
    pub fn read(block: &'a Block) -> Self {
        dialect::row(block).map_or(Self::Other(block), |row| (row.read)(Reading::new(block, row.headers)))
    }
}
