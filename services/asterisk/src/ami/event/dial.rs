use super::{Channel, Reading};
use crate::ami::value::{UniqueIdRef, Value};

/// One channel is called on behalf of another.
#[derive(Clone, Copy, Debug)]
pub struct Dial<'a> {
    /// None where Asterisk itself calls (Originate), and for the first half of a local channel.
    pub caller: Option<Channel<'a>>,
    /// None in the `Dial` of Asterisk 1.6 to 11 that ends it.
    pub called: Option<Channel<'a>>,
    /// `DialBegin`: what was dialled, without the technology.
    pub dial_string: Option<Value<'a>>,
    /// `DialState` and `DialEnd`. **Not** the `DIALSTATUS` of the dialplan: an unallocated number is `NOANSWER` here and
    /// `CHANUNAVAIL` there. The cause of the called channel's Hangup tells more.
    pub status: Option<Value<'a>>,
    /// `DialEnd`: the number the called side sent the call on to.
    pub forward: Option<Value<'a>>,
}

impl<'a> Dial<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            caller: Channel::in_role(reading, ""),
            called: Channel::in_role(reading, "Dest"),
            dial_string: reading.known("DialString"),
            status: reading.known("DialStatus"),
            forward: reading.known("Forward"),
        }
    }
}

/// What became of an Originate that did not wait.
#[derive(Clone, Copy, Debug)]
pub struct OriginateResponse<'a> {
    pub action_id: Option<Value<'a>>,
    pub is_success: bool,
    /// The channel, or what was dialled if there is none.
    pub channel: Option<Value<'a>>,
    /// None on failure: give the channel an id to find its events.
    pub unique_id: Option<UniqueIdRef<'a>>,
    /// 4 answered, 3 rang out, 5 busy, 8 congestion. PJSIP says 0 for everything but 3 and 4.
    pub reason: Option<u8>,
    pub context: Option<Value<'a>>,
    pub exten: Option<Value<'a>>,
    pub application: Option<Value<'a>>,
    pub data: Option<Value<'a>>,
}

impl<'a> OriginateResponse<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            action_id: reading.known("ActionID"),
            is_success: reading.value("Response").is_some_and(|verdict| verdict.is("Success")),
            channel: reading.known("Channel"),
            unique_id: reading.unique_id("Uniqueid"),
            reason: reading.number("Reason"),
            context: reading.known("Context"),
            exten: reading.known("Exten"),
            application: reading.known("Application"),
            data: reading.known("Data"),
        }
    }
}
