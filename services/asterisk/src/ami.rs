//! AMI: the frames Asterisk's manager port sends, what the events among them mean, and the actions to send it.
//!
//! Three layers, each of use without the next: [`Decoder`] cuts bytes into [`Frame`]s and keeps every byte of them,
//! [`Event::read`] gives a frame its meaning whichever version of Asterisk wrote it, [`Action`] writes requests that
//! no value can turn into two.

mod action;
mod block;
mod decoder;
mod dialect;
mod event;
mod frame;
mod line;
mod value;

pub use action::{
    Action, ActionError, ActionId, Application, Classes, Filter, Login, MAX_ACTION_HEADERS,
    MAX_ACTION_LINE_BYTES, Originate, OriginateTarget, challenge_key,
};
pub use block::{Block, Header};
pub use decoder::{Decoder, FrameError, Limits, MAX_BANNER_BYTES};
pub use event::{
    Agent, AttendedTransfer, BlindTransfer, Bridge, BridgeMember, BridgeMerge, Channel, Contact,
    CoreShowChannel, Dial, Event, FullyBooted, Hangup, HangupRequest, Link, ListEnd, LocalBridge,
    LocalOptimizationBegin, LocalOptimizationEnd, Masquerade, MusicOnHold, Newexten, OriginateResponse,
    Parking, Peer, Pickup, QueueCaller, QueueMember, QueueParams, Reload, Rename, Shutdown, Status,
    UserEvent, VarSet,
};
pub use frame::{Banner, Damaged, Fault, Frame, ListMark, Response};
pub use value::{BridgeId, BridgeIdRef, LinkedId, LinkedIdRef, UniqueId, UniqueIdRef, Value};
