//! What events and their headers were called before: one table for Asterisk 1.4 to 23.

use std::sync::LazyLock;

use super::{
    block::Block,
    event::{
        Agent, AttendedTransfer, BlindTransfer, Bridge, BridgeMember, BridgeMerge, Channel, Contact,
        CoreShowChannel, Dial, Event, FullyBooted, Hangup, HangupRequest, Link, ListEnd, LocalBridge,
        LocalOptimizationBegin, LocalOptimizationEnd, Masquerade, MusicOnHold, Newexten, OriginateResponse,
        Parking, Peer, Pickup, QueueCaller, QueueMember, QueueParams, Reading, Reload, Rename, Shutdown,
        Status, UserEvent, VarSet,
    },
};

/// Headers as (name now, name then). A name of now wins where both are there.
pub(super) type Renamed = &'static [(&'static str, &'static str)];

/// One name of one event.
pub(super) struct Row {
    name: &'static str,
    /// A header that must be there, with this value if one is given.
    when: Option<(&'static str, Option<&'static str>)>,
    pub(super) headers: Renamed,
    pub(super) read: for<'a> fn(Reading<'a>) -> Event<'a>,
}

/// The row of an event: the first of its name whose condition holds.
pub(super) fn row(block: &Block) -> Option<&'static Row> {
    let name = block.name()?;
    let rows = BY_LENGTH.get(name.as_bytes().len())?;
    rows.iter().find(|row| name.is(row.name) && row.holds(block)).copied()
}

/// The rows whose names have so many letters, in their order: few events share a length, and most share no letter.
static BY_LENGTH: LazyLock<Vec<Vec<&'static Row>>> = LazyLock::new(|| {
    let longest = ROWS.iter().map(|row| row.name.len()).max().unwrap_or_default();
    (0..=longest).map(|length| ROWS.iter().filter(|row| row.name.len() == length).collect()).collect()
});

impl Row {
    fn holds(&self, block: &Block) -> bool {
        self.when.is_none_or(|(header, wanted)| {
            block.value(header).is_some_and(|value| wanted.is_none_or(|wanted| value.is(wanted)))
        })
    }

    const fn when(self, header: &'static str, value: &'static str) -> Self {
        Self { when: Some((header, Some(value))), ..self }
    }

    const fn with(self, header: &'static str) -> Self {
        Self { when: Some((header, None)), ..self }
    }
}

const fn row_of(name: &'static str, headers: Renamed, read: for<'a> fn(Reading<'a>) -> Event<'a>) -> Row {
    Row { name, when: None, headers, read }
}

/// 1.4 says `CallerID` and `State` where 1.6 and later say `CallerIDNum` and `ChannelStateDesc`.
const CHANNEL: Renamed = &[("CallerIDNum", "CallerID"), ("ChannelStateDesc", "State")];
/// 1.4 to 11: `Extension`.
const DIALPLAN: Renamed = &[("Exten", "Extension")];
/// 1.4 to 11: two channels by number. 1.4 and later give the numbers of callers, 1.2 did not.
const PAIR: Renamed = &[
    ("FirstChannel", "Channel1"),
    ("FirstUniqueid", "Uniqueid1"),
    ("FirstCallerIDNum", "CallerID1"),
    ("SecondChannel", "Channel2"),
    ("SecondUniqueid", "Uniqueid2"),
    ("SecondCallerIDNum", "CallerID2"),
];
/// 1.8 to 11.
const HALVES: Renamed = &[
    ("LocalOneChannel", "Channel1"),
    ("LocalOneUniqueid", "Uniqueid1"),
    ("LocalTwoChannel", "Channel2"),
    ("LocalTwoUniqueid", "Uniqueid2"),
];
/// 1.4 to 11: no channel snapshots, and `From` is the parker's channel. 1.4 has no Uniqueid here.
const PARKED: Renamed = &[
    ("ParkeeChannel", "Channel"),
    ("ParkeeUniqueid", "Uniqueid"),
    ("ParkeeCallerIDNum", "CallerIDNum"),
    ("ParkeeCallerIDNum", "CallerID"),
    ("ParkeeCallerIDName", "CallerIDName"),
    ("ParkerChannel", "From"),
    ("ParkingSpace", "Exten"),
    ("ParkingTimeout", "Timeout"),
];
/// 1.4 to 11: `From` is the retriever's channel.
const UNPARKED: Renamed = &[
    ("ParkeeChannel", "Channel"),
    ("ParkeeUniqueid", "Uniqueid"),
    ("ParkeeCallerIDNum", "CallerIDNum"),
    ("ParkeeCallerIDNum", "CallerID"),
    ("ParkeeCallerIDName", "CallerIDName"),
    ("RetrieverChannel", "From"),
    ("ParkingSpace", "Exten"),
];
/// 1.4 to 11: `Location`. Pauses: 1.6 to 11 say `Reason`.
const MEMBER: Renamed = &[("Interface", "Location"), ("PausedReason", "Reason")];
/// Every version: the items of a list have names of their own.
const LISTED_MEMBER: Renamed = &[("MemberName", "Name"), ("Interface", "Location")];
/// 1.4 to 11: `Channel` is the member's, and its uniqueid is called `BridgedChannel`. `Uniqueid` is the caller's.
const OLD_AGENT: Renamed = &[
    ("CallerUniqueid", "Uniqueid"),
    ("DestChannel", "Channel"),
    ("DestUniqueid", "BridgedChannel"),
    ("Interface", "Member"),
];

/// The names of Asterisk 12 and later unless a comment says otherwise, those that come most often first.
static ROWS: &[Row] = &[
    row_of("VarSet", &[], |r| Event::VarSet(VarSet::read(r))),
    row_of("Newexten", DIALPLAN, |r| Event::Newexten(Newexten::read(r))),
    // 1.4 calls the first Newstate of a channel Newchannel, too.
    row_of("Newchannel", CHANNEL, |r| Event::Newchannel(Channel::new(r, ""))),
    row_of("Newstate", CHANNEL, |r| Event::Newstate(Channel::new(r, ""))),
    row_of("NewConnectedLine", &[], |r| Event::NewConnectedLine(Channel::new(r, ""))),
    // 1.4: Newcallerid.
    row_of("NewCallerid", CHANNEL, |r| Event::NewCallerid(Channel::new(r, ""))),
    row_of("NewAccountCode", &[], |r| Event::NewAccountCode(Channel::new(r, ""))),
    row_of("DialBegin", &[], |r| Event::DialBegin(Dial::read(r))),
    row_of("DialState", &[], |r| Event::DialState(Dial::read(r))),
    row_of("DialEnd", &[], |r| Event::DialEnd(Dial::read(r))),
    // 1.6 to 11.
    row_of("Dial", &[("DestChannel", "Destination")], |r| Event::DialBegin(Dial::read(r)))
        .when("SubEvent", "Begin"),
    // 1.6 to 11: without the called channel.
    row_of("Dial", &[], |r| Event::DialEnd(Dial::read(r))).when("SubEvent", "End"),
    // 1.4: no event ends it.
    row_of(
        "Dial",
        &[
            ("Channel", "Source"),
            ("Uniqueid", "SrcUniqueID"),
            ("CallerIDNum", "CallerID"),
            ("DestChannel", "Destination"),
        ],
        |r| Event::DialBegin(Dial::read(r)),
    ),
    row_of("HangupRequest", &[], |r| Event::HangupRequest(HangupRequest::read(r))),
    row_of("SoftHangupRequest", &[], |r| Event::SoftHangupRequest(HangupRequest::read(r))),
    row_of("Hangup", CHANNEL, |r| Event::Hangup(Hangup::read(r))),
    row_of("BridgeCreate", &[], |r| Event::BridgeCreate(Bridge::read(r))),
    row_of("BridgeEnter", &[], |r| Event::BridgeEnter(BridgeMember::read(r))),
    row_of("BridgeLeave", &[], |r| Event::BridgeLeave(BridgeMember::read(r))),
    row_of("BridgeDestroy", &[], |r| Event::BridgeDestroy(Bridge::read(r))),
    row_of("BridgeMerge", &[], |r| Event::BridgeMerge(BridgeMerge::read(r))),
    // 1.4.
    row_of("Link", PAIR, |r| Event::Link(Link::read(r))),
    // 1.6 to 11.
    row_of("Bridge", PAIR, |r| Event::Link(Link::read(r))).when("Bridgestate", "Link"),
    row_of("Bridge", PAIR, |r| Event::Unlink(Link::read(r))).when("Bridgestate", "Unlink"),
    // 1.4 to 11.
    row_of("Unlink", PAIR, |r| Event::Unlink(Link::read(r))),
    row_of("LocalBridge", HALVES, |r| Event::LocalBridge(LocalBridge::read(r))),
    row_of("LocalOptimizationBegin", &[], |r| Event::LocalOptimizationBegin(LocalOptimizationBegin::read(r))),
    row_of("LocalOptimizationEnd", &[], |r| Event::LocalOptimizationEnd(LocalOptimizationEnd::read(r))),
    // 1.4: Oldname.
    row_of("Rename", &[("Channel", "Oldname")], |r| Event::Rename(Rename::read(r))),
    // 1.4 to 11.
    row_of("Masquerade", &[], |r| Event::Masquerade(Masquerade::read(r))),
    row_of("BlindTransfer", &[], |r| Event::BlindTransfer(BlindTransfer::read(r))),
    row_of("AttendedTransfer", &[], |r| Event::AttendedTransfer(AttendedTransfer::read(r))),
    // 1.6 to 11: chan_sip only.
    row_of(
        "Transfer",
        &[
            ("TransfererChannel", "Channel"),
            ("TransfererUniqueid", "Uniqueid"),
            ("TransfereeChannel", "TargetChannel"),
            ("TransfereeUniqueid", "TargetUniqueid"),
            ("Context", "TransferContext"),
            ("Extension", "TransferExten"),
        ],
        |r| Event::BlindTransfer(BlindTransfer::read(r)),
    )
    .when("TransferType", "Blind"),
    // 1.6 to 11: chan_sip only. The target is the other leg of the one who transfers.
    row_of(
        "Transfer",
        &[
            ("OrigTransfererChannel", "Channel"),
            ("OrigTransfererUniqueid", "Uniqueid"),
            ("SecondTransfererChannel", "TargetChannel"),
            ("SecondTransfererUniqueid", "TargetUniqueid"),
        ],
        |r| Event::AttendedTransfer(AttendedTransfer::read(r)),
    )
    .when("TransferType", "Attended"),
    row_of("Pickup", &[], |r| Event::Pickup(Pickup::read(r))),
    row_of("ParkedCall", PARKED, |r| Event::ParkedCall(Parking::read(r))),
    row_of("ParkedCallGiveUp", PARKED, |r| Event::ParkedCallGiveUp(Parking::read(r))),
    row_of("ParkedCallTimeOut", PARKED, |r| Event::ParkedCallTimeOut(Parking::read(r))),
    row_of("ParkedCallSwap", &[], |r| Event::ParkedCallSwap(Parking::read(r))),
    row_of("UnParkedCall", UNPARKED, |r| Event::UnParkedCall(Parking::read(r))),
    // 1.6 to 11: one event for both.
    row_of("Hold", &[], |r| Event::Unhold(MusicOnHold::read(r))).when("Status", "Off"),
    row_of("Hold", &[], |r| Event::Hold(MusicOnHold::read(r))),
    row_of("Unhold", &[], |r| Event::Unhold(MusicOnHold::read(r))),
    row_of("MusicOnHoldStart", &[("MusicClass", "Class")], |r| Event::MusicOnHoldStart(MusicOnHold::read(r))),
    row_of("MusicOnHoldStop", &[], |r| Event::MusicOnHoldStop(MusicOnHold::read(r))),
    // 1.6 to 11.
    row_of("MusicOnHold", &[("MusicClass", "Class")], |r| Event::MusicOnHoldStart(MusicOnHold::read(r)))
        .when("State", "Start"),
    row_of("MusicOnHold", &[], |r| Event::MusicOnHoldStop(MusicOnHold::read(r))).when("State", "Stop"),
    row_of("UserEvent", &[], |r| Event::UserEvent(UserEvent::read(r))),
    row_of("OriginateResponse", &[], |r| Event::OriginateResponse(OriginateResponse::read(r))),
    row_of("QueueCallerJoin", &[], |r| Event::QueueCallerJoin(QueueCaller::read(r))),
    row_of("QueueCallerLeave", &[], |r| Event::QueueCallerLeave(QueueCaller::read(r))),
    row_of("QueueCallerAbandon", &[], |r| Event::QueueCallerAbandon(QueueCaller::read(r))),
    // 1.4 to 11.
    row_of("Join", CHANNEL, |r| Event::QueueCallerJoin(QueueCaller::read(r))),
    row_of("Leave", CHANNEL, |r| Event::QueueCallerLeave(QueueCaller::read(r))),
    row_of("QueueMemberAdded", MEMBER, |r| Event::QueueMemberAdded(QueueMember::read(r))),
    row_of("QueueMemberRemoved", MEMBER, |r| Event::QueueMemberRemoved(QueueMember::read(r))),
    row_of("QueueMemberPause", MEMBER, |r| Event::QueueMemberPause(QueueMember::read(r))),
    // 1.4 to 11.
    row_of("QueueMemberPaused", MEMBER, |r| Event::QueueMemberPause(QueueMember::read(r))),
    row_of("QueueMemberPenalty", MEMBER, |r| Event::QueueMemberPenalty(QueueMember::read(r))),
    row_of("QueueMemberRinginuse", MEMBER, |r| Event::QueueMemberRinginuse(QueueMember::read(r))),
    row_of("QueueMemberStatus", MEMBER, |r| Event::QueueMemberStatus(QueueMember::read(r))),
    // 1.4 to 11: AgentCalled is the interface; only 1.6 and later name the queue and the called channel.
    row_of(
        "AgentCalled",
        &[
            ("Channel", "ChannelCalling"),
            ("CallerIDNum", "CallerID"),
            ("Exten", "Extension"),
            ("DestChannel", "DestinationChannel"),
            ("Interface", "AgentCalled"),
            ("MemberName", "AgentName"),
        ],
        |r| Event::AgentCalled(Agent::read(r)),
    ),
    row_of("AgentConnect", OLD_AGENT, |r| Event::AgentConnect(Agent::read_old(r))).with("Member"),
    row_of("AgentComplete", OLD_AGENT, |r| Event::AgentComplete(Agent::read_old(r))).with("Member"),
    row_of("AgentDump", OLD_AGENT, |r| Event::AgentDump(Agent::read_old(r))).with("Member"),
    row_of("AgentConnect", &[], |r| Event::AgentConnect(Agent::read(r))),
    row_of("AgentComplete", &[], |r| Event::AgentComplete(Agent::read(r))),
    row_of("AgentDump", &[], |r| Event::AgentDump(Agent::read(r))),
    // 1.6 to 11: Member. The channel is the caller's in every version.
    row_of("AgentRingNoAnswer", &[("Interface", "Member")], |r| Event::AgentRingNoAnswer(Agent::read(r))),
    row_of("CoreShowChannel", DIALPLAN, |r| Event::CoreShowChannel(CoreShowChannel::read(r))),
    row_of("CoreShowChannelsComplete", &[], |r| Event::CoreShowChannelsComplete(ListEnd::read(r))),
    // 1.4: Link, State, CallerID, Account. 1.6 to 11: BridgedChannel, Accountcode.
    row_of(
        "Status",
        &[
            ("CallerIDNum", "CallerID"),
            ("ChannelStateDesc", "State"),
            ("AccountCode", "Account"),
            ("Exten", "Extension"),
            ("BridgedChannel", "Link"),
        ],
        |r| Event::Status(Status::read(r)),
    ),
    row_of("StatusComplete", &[("ListItems", "Items")], |r| Event::StatusComplete(ListEnd::read(r))),
    row_of("BridgeListItem", &[], |r| Event::BridgeListItem(Bridge::read(r))),
    row_of("BridgeListComplete", &[], |r| Event::BridgeListComplete(ListEnd::read(r))),
    row_of("BridgeInfoChannel", &[], |r| Event::BridgeInfoChannel(Channel::new(r, ""))),
    row_of("BridgeInfoComplete", &[], |r| Event::BridgeInfoComplete(Bridge::read(r))),
    row_of("QueueParams", &[], |r| Event::QueueParams(QueueParams::read(r))),
    row_of("QueueMember", LISTED_MEMBER, |r| Event::QueueMember(QueueMember::read(r))),
    row_of("QueueEntry", &[("HoldTime", "Wait"), ("CallerIDNum", "CallerID")], |r| {
        Event::QueueEntry(QueueCaller::read(r))
    }),
    row_of("QueueStatusComplete", &[], |r| Event::QueueStatusComplete(ListEnd::read(r))),
    row_of("FullyBooted", &[], |r| Event::FullyBooted(FullyBooted::read(r))),
    row_of("Reload", &[], |r| Event::Reload(Reload::read(r))),
    row_of("Shutdown", &[], |r| Event::Shutdown(Shutdown::read(r))),
    row_of("ContactStatus", &[], |r| Event::ContactStatus(Contact::read(r))),
    row_of("PeerStatus", &[], |r| Event::PeerStatus(Peer::read(r))),
];
