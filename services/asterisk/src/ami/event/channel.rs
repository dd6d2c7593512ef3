use std::fmt;

use super::Reading;
use crate::ami::{
    block::Block,
    value::{LinkedIdRef, UniqueIdRef, Value},
};

/// What an event tells about one channel: the snapshot of Asterisk 12 and later, as much of it as older versions sent.
#[derive(Clone, Copy)]
pub struct Channel<'a> {
    reading: Reading<'a>,
    role: &'static str,
}

impl<'a> Channel<'a> {
    pub(in crate::ami) fn new(reading: Reading<'a>, role: &'static str) -> Self {
        Self { reading, role }
    }

    /// None if the event has no channel in this role (`Dest`, `Transferer`, …).
    pub(in crate::ami) fn in_role(reading: Reading<'a>, role: &'static str) -> Option<Self> {
        let channel = Self::new(reading, role);
        (channel.name().is_some() || channel.unique_id().is_some()).then_some(channel)
    }

    fn value(&self, name: &str) -> Option<Value<'a>> {
        self.reading.with_prefix(self.role, name)
    }

    /// `PJSIP/carrier-00000001`.
    pub fn name(&self) -> Option<Value<'a>> {
        self.value("Channel")?.known()
    }

    pub fn unique_id(&self) -> Option<UniqueIdRef<'a>> {
        UniqueIdRef::of(self.value("Uniqueid")?)
    }

    /// Only since Asterisk 12.
    pub fn linked_id(&self) -> Option<LinkedIdRef<'a>> {
        self.reading.linked_id(self.role)
    }

    /// 0 down, 4 ring, 5 ringing, 6 up, 7 busy. Asterisk 1.4 says it in words only.
    pub fn state(&self) -> Option<u8> {
        self.value("ChannelState").and_then(Value::number).or_else(|| self.state_of_words())
    }

    fn state_of_words(&self) -> Option<u8> {
        let words = self.state_text()?;
        STATES.iter().zip(0_u8..).find(|(state, _)| words.is(state)).map(|(_, number)| number)
    }

    /// `Up`.
    pub fn state_text(&self) -> Option<Value<'a>> {
        self.value("ChannelStateDesc")
    }

    pub fn caller_number(&self) -> Option<Value<'a>> {
        self.value("CallerIDNum")?.known()
    }

    /// As Asterisk escapes it: [`Value::unescaped`].
    pub fn caller_name(&self) -> Option<Value<'a>> {
        self.value("CallerIDName")?.known()
    }

    pub fn connected_number(&self) -> Option<Value<'a>> {
        self.value("ConnectedLineNum")?.known()
    }

    /// As Asterisk escapes it: [`Value::unescaped`].
    pub fn connected_name(&self) -> Option<Value<'a>> {
        self.value("ConnectedLineName")?.known()
    }

    pub fn account_code(&self) -> Option<Value<'a>> {
        self.value("AccountCode")?.known()
    }

    pub fn context(&self) -> Option<Value<'a>> {
        self.value("Context")?.known()
    }

    pub fn exten(&self) -> Option<Value<'a>> {
        self.value("Exten")?.known()
    }

    pub fn priority(&self) -> Option<u32> {
        self.value("Priority")?.number()
    }

    /// The variables of `channelvars` in manager.conf as (name, value), empty values included.
    pub fn variables(&self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        self.reading.block.channel_variables(self.role, self.name())
    }
}

const STATES: [&str; 8] = ["Down", "Rsrvd", "OffHook", "Dialing", "Ring", "Ringing", "Up", "Busy"];

/// Names and numbers of callers stay inside.
impl fmt::Debug for Channel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("unique_id", &self.unique_id())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// A channel is gone.
#[derive(Clone, Copy, Debug)]
pub struct Hangup<'a> {
    pub channel: Channel<'a>,
    /// Q.850; 0 and 127 occur when nobody said anything.
    pub cause: Option<u16>,
    pub cause_text: Option<Value<'a>>,
    /// What the technology said: the SIP code. It sticks to the caller's channel from its last failed leg. Since
    /// Asterisk 22.
    pub tech_cause: Option<u16>,
}

/// Somebody asked for the end of a channel; not every driver reports it.
#[derive(Clone, Copy, Debug)]
pub struct HangupRequest<'a> {
    pub channel: Channel<'a>,
    pub cause: Option<u16>,
    pub tech_cause: Option<u16>,
}

/// A step of the dialplan. Class `dialplan`: half of all bytes where it is switched on.
#[derive(Clone, Copy, Debug)]
pub struct Newexten<'a> {
    pub channel: Channel<'a>,
    pub application: Option<Value<'a>>,
    pub data: Option<Value<'a>>,
}

/// A variable was set; without a channel, a global one.
#[derive(Clone, Copy, Debug)]
pub struct VarSet<'a> {
    pub channel: Option<Channel<'a>>,
    /// With the `__` of an inherited variable on the channel where it was set.
    pub variable: Option<Value<'a>>,
    /// As Asterisk escapes it: [`Value::unescaped`].
    pub value: Option<Value<'a>>,
}

/// A channel goes by another name from now on; its uniqueid stays.
#[derive(Clone, Copy, Debug)]
pub struct Rename<'a> {
    /// With its old name.
    pub channel: Channel<'a>,
    pub new_name: Option<Value<'a>>,
}

/// One channel took the place of another. Names are all there is.
#[derive(Clone, Copy, Debug)]
pub struct Masquerade<'a> {
    pub clone: Option<Value<'a>>,
    pub original: Option<Value<'a>>,
}

/// A channel waits, with or without music.
#[derive(Clone, Copy, Debug)]
pub struct MusicOnHold<'a> {
    pub channel: Channel<'a>,
    pub class: Option<Value<'a>>,
}

/// What a dialplan or another program wanted to be known.
#[derive(Clone, Copy, Debug)]
pub struct UserEvent<'a> {
    /// `Dialplane`.
    pub name: Option<Value<'a>>,
    /// None if it came from a program.
    pub channel: Option<Channel<'a>>,
    /// The headers of its sender are among these.
    pub block: &'a Block,
}

impl<'a> Hangup<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            channel: Channel::new(reading, ""),
            cause: reading.number("Cause"),
            cause_text: reading.value("Cause-txt"),
            tech_cause: reading.number("TechCause"),
        }
    }
}

impl<'a> HangupRequest<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            channel: Channel::new(reading, ""),
            cause: reading.number("Cause"),
            tech_cause: reading.number("TechCause"),
        }
    }
}

impl<'a> Newexten<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            channel: Channel::new(reading, ""),
            application: reading.value("Application"),
            data: reading.value("AppData"),
        }
    }
}

impl<'a> VarSet<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            channel: Channel::in_role(reading, ""),
            variable: reading.value("Variable"),
            value: reading.value("Value"),
        }
    }
}

impl<'a> Rename<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self { channel: Channel::new(reading, ""), new_name: reading.known("Newname") }
    }
}

impl<'a> Masquerade<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self { clone: reading.known("Clone"), original: reading.known("Original") }
    }
}

impl<'a> MusicOnHold<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self { channel: Channel::new(reading, ""), class: reading.known("MusicClass") }
    }
}

impl<'a> UserEvent<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            name: reading.known("UserEvent"),
            channel: Channel::in_role(reading, ""),
            block: reading.block,
        }
    }
}
