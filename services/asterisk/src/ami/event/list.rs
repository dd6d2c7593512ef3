use super::{Channel, Reading};
use crate::ami::{
    block::Block,
    value::{BridgeIdRef, Value},
};

/// A channel, in the answer to `CoreShowChannels`.
#[derive(Clone, Copy, Debug)]
pub struct CoreShowChannel<'a> {
    pub channel: Channel<'a>,
    pub application: Option<Value<'a>>,
    pub data: Option<Value<'a>>,
    /// Whole seconds since the channel began.
    pub age_s: Option<u64>,
    pub bridge: Option<BridgeIdRef<'a>>,
    /// Until Asterisk 11: the name of the channel it hears.
    pub bridged: Option<Value<'a>>,
}

/// A channel, in the answer to Status.
#[derive(Clone, Copy, Debug)]
pub struct Status<'a> {
    pub channel: Channel<'a>,
    pub technology: Option<Value<'a>>,
    /// The number that was called.
    pub dialled: Option<Value<'a>>,
    pub application: Option<Value<'a>>,
    pub data: Option<Value<'a>>,
    /// Whole seconds since the channel began; Asterisk until 11 gives it for channels with a dialplan only.
    pub age_s: Option<u64>,
    pub bridge: Option<BridgeIdRef<'a>>,
    /// Until Asterisk 11: the name of the channel it hears.
    pub bridged: Option<Value<'a>>,
    block: &'a Block,
}

/// The end of a list.
#[derive(Clone, Copy, Debug)]
pub struct ListEnd {
    /// How many items there were.
    pub items: Option<u64>,
}

impl<'a> CoreShowChannel<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            channel: Channel::new(reading, ""),
            application: reading.known("Application"),
            data: reading.known("ApplicationData"),
            age_s: reading.value("Duration").and_then(Value::clock_as_seconds),
            bridge: reading.bridge_id("BridgeId"),
            bridged: reading.known("BridgedChannel"),
        }
    }
}

impl<'a> Status<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            channel: Channel::new(reading, ""),
            technology: reading.known("Type"),
            dialled: reading.known("DNID"),
            application: reading.known("Application"),
            data: reading.known("Data"),
            age_s: reading.number("Seconds"),
            bridge: reading.bridge_id("BridgeID"),
            bridged: reading.known("BridgedChannel"),
            block: reading.block,
        }
    }

    /// The variables that were asked for, as (name, value).
    pub fn variables(&self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        self.block.assignments("Variable")
    }
}

impl ListEnd {
    pub(in crate::ami) fn read(reading: Reading<'_>) -> Self {
        Self { items: reading.number("ListItems") }
    }
}
