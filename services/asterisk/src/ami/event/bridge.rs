use super::{Channel, Reading};
use crate::ami::value::{BridgeIdRef, UniqueIdRef, Value};

/// A bridge.
#[derive(Clone, Copy, Debug)]
pub struct Bridge<'a> {
    pub id: Option<BridgeIdRef<'a>>,
    /// `basic`, `holding`, `agent`, …
    pub kind: Option<Value<'a>>,
    pub technology: Option<Value<'a>>,
    pub creator: Option<Value<'a>>,
    pub name: Option<Value<'a>>,
    /// Channels in it after the event.
    pub channels: Option<u32>,
}

/// A channel came into a bridge or left it.
#[derive(Clone, Copy, Debug)]
pub struct BridgeMember<'a> {
    pub bridge: Bridge<'a>,
    pub channel: Channel<'a>,
    /// The channel whose place it took.
    pub swapped: Option<UniqueIdRef<'a>>,
}

/// All channels of one bridge moved to another.
#[derive(Clone, Copy, Debug)]
pub struct BridgeMerge<'a> {
    pub to: Option<BridgeIdRef<'a>>,
    pub from: Option<BridgeIdRef<'a>>,
}

/// Two channels that hear each other.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    pub first: Option<Channel<'a>>,
    pub second: Option<Channel<'a>>,
}

/// The two halves of a local channel.
#[derive(Clone, Copy, Debug)]
pub struct LocalBridge<'a> {
    /// `;1`, which meets the caller.
    pub one: Option<Channel<'a>>,
    /// `;2`, which runs the dialplan.
    pub two: Option<Channel<'a>>,
    pub context: Option<Value<'a>>,
    pub exten: Option<Value<'a>>,
}

/// A local channel is about to be cut out of the call it joins.
#[derive(Clone, Copy, Debug)]
pub struct LocalOptimizationBegin<'a> {
    pub one: Option<Channel<'a>>,
    pub two: Option<Channel<'a>>,
    /// The channel that takes its place in the bridge of the destination.
    pub source: Option<Channel<'a>>,
    pub destination: Option<UniqueIdRef<'a>>,
    /// The same in the event that ends it.
    pub id: Option<u64>,
}

/// A local channel was cut out, or was not.
#[derive(Clone, Copy, Debug)]
pub struct LocalOptimizationEnd<'a> {
    pub one: Option<Channel<'a>>,
    pub two: Option<Channel<'a>>,
    pub is_success: bool,
    pub id: Option<u64>,
}

/// Someone sent the other side of a call on to an extension.
#[derive(Clone, Copy, Debug)]
pub struct BlindTransfer<'a> {
    pub is_success: bool,
    /// Whether the technology asked for it (REFER, an action), not a feature code.
    pub is_external: Option<bool>,
    pub transferer: Option<Channel<'a>>,
    /// None if the bridge has more than two channels.
    pub transferee: Option<Channel<'a>>,
    pub bridge: Option<BridgeIdRef<'a>>,
    pub context: Option<Value<'a>>,
    pub exten: Option<Value<'a>>,
}

/// Someone connected the two calls he held.
#[derive(Clone, Copy, Debug)]
pub struct AttendedTransfer<'a> {
    pub is_success: bool,
    /// The leg of the first call.
    pub transferer: Option<Channel<'a>>,
    pub bridge: Option<BridgeIdRef<'a>>,
    /// The leg of the consultation.
    pub second_transferer: Option<Channel<'a>>,
    pub second_bridge: Option<BridgeIdRef<'a>>,
    pub transferee: Option<Channel<'a>>,
    pub target: Option<Channel<'a>>,
    /// `Bridge`, `App`, `Link`, `Threeway` or `Fail`.
    pub destination: Option<Value<'a>>,
    pub destination_bridge: Option<BridgeIdRef<'a>>,
    /// `DestType: Link`: the halves of the local channel that joins two bridges.
    pub local_one: Option<Channel<'a>>,
    pub local_two: Option<Channel<'a>>,
}

/// A ringing call was answered from elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Pickup<'a> {
    /// Who took it.
    pub channel: Channel<'a>,
    /// The channel that rang.
    pub target: Option<Channel<'a>>,
}

/// A call in a parking lot, or on its way out.
#[derive(Clone, Copy, Debug)]
pub struct Parking<'a> {
    pub parkee: Option<Channel<'a>>,
    /// `UnParkedCall` and `ParkedCallSwap`.
    pub retriever: Option<Channel<'a>>,
    pub parker: Option<Channel<'a>>,
    /// Who is called back when the time is over.
    pub parker_dial_string: Option<Value<'a>>,
    pub lot: Option<Value<'a>>,
    pub space: Option<Value<'a>>,
    /// Seconds left.
    pub timeout_s: Option<u64>,
    /// Seconds parked so far.
    pub duration_s: Option<u64>,
}

impl<'a> Bridge<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            id: reading.bridge_id("BridgeUniqueid"),
            kind: reading.known("BridgeType"),
            technology: reading.known("BridgeTechnology"),
            creator: reading.known("BridgeCreator"),
            name: reading.known("BridgeName"),
            channels: reading.number("BridgeNumChannels"),
        }
    }
}

impl<'a> BridgeMember<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            bridge: Bridge::read(reading),
            channel: Channel::new(reading, ""),
            swapped: reading.unique_id("SwapUniqueid"),
        }
    }
}

impl<'a> BridgeMerge<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self { to: reading.bridge_id("ToBridgeUniqueid"), from: reading.bridge_id("FromBridgeUniqueid") }
    }
}

impl<'a> Link<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self { first: Channel::in_role(reading, "First"), second: Channel::in_role(reading, "Second") }
    }
}

impl<'a> LocalBridge<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            one: Channel::in_role(reading, "LocalOne"),
            two: Channel::in_role(reading, "LocalTwo"),
            context: reading.known("Context"),
            exten: reading.known("Exten"),
        }
    }
}

impl<'a> LocalOptimizationBegin<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            one: Channel::in_role(reading, "LocalOne"),
            two: Channel::in_role(reading, "LocalTwo"),
            source: Channel::in_role(reading, "Source"),
            destination: reading.unique_id("DestUniqueId"),
            id: reading.number("Id"),
        }
    }
}

impl<'a> LocalOptimizationEnd<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            one: Channel::in_role(reading, "LocalOne"),
            two: Channel::in_role(reading, "LocalTwo"),
            is_success: reading.yes("Success").unwrap_or_default(),
            id: reading.number("Id"),
        }
    }
}

/// Asterisk until 11 reports transfers that succeeded, and nothing about them.
fn is_success(reading: Reading<'_>) -> bool {
    reading.value("Result").is_none_or(|result| result.is("Success"))
}

impl<'a> BlindTransfer<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            is_success: is_success(reading),
            is_external: reading.yes("IsExternal"),
            transferer: Channel::in_role(reading, "Transferer"),
            transferee: Channel::in_role(reading, "Transferee"),
            bridge: reading.bridge_id("BridgeUniqueid"),
            context: reading.known("Context"),
            exten: reading.known("Extension"),
        }
    }
}

impl<'a> AttendedTransfer<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            is_success: is_success(reading),
            transferer: Channel::in_role(reading, "OrigTransferer"),
            bridge: reading.bridge_id("OrigBridgeUniqueid"),
            second_transferer: Channel::in_role(reading, "SecondTransferer"),
            second_bridge: reading.bridge_id("SecondBridgeUniqueid"),
            transferee: Channel::in_role(reading, "Transferee"),
            target: Channel::in_role(reading, "TransferTarget"),
            destination: reading.known("DestType"),
            destination_bridge: reading.bridge_id("DestBridgeUniqueid"),
            local_one: Channel::in_role(reading, "LocalOne"),
            local_two: Channel::in_role(reading, "LocalTwo"),
        }
    }
}

impl<'a> Pickup<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self { channel: Channel::new(reading, ""), target: Channel::in_role(reading, "Target") }
    }
}

impl<'a> Parking<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            parkee: Channel::in_role(reading, "Parkee"),
            retriever: Channel::in_role(reading, "Retriever"),
            parker: Channel::in_role(reading, "Parker"),
            parker_dial_string: reading.known("ParkerDialString"),
            lot: reading.known("Parkinglot"),
            space: reading.known("ParkingSpace"),
            timeout_s: reading.number("ParkingTimeout"),
            duration_s: reading.number("ParkingDuration"),
        }
    }
}
