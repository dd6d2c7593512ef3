//! What Asterisk 1.4 to 13 called things means what it means today.

use asterisk::ami::{Channel, Decoder, Event, Frame, Limits, UniqueIdRef, Value};

use crate::{decode, event};

fn text(value: Option<Value<'_>>) -> String {
    value.unwrap().to_text().into_owned()
}

fn name(channel: Option<Channel<'_>>) -> String {
    text(channel.unwrap().name())
}

fn id(channel: Option<Channel<'_>>) -> String {
    channel.unwrap().unique_id().unwrap().to_string()
}

#[test]
fn channels_of_1_4() {
    let block = event(
        "Event: Newchannel\nPrivilege: call,all\nChannel: SIP/201-1\nState: Ring\nCallerIDNum: 201\n\
         CallerIDName: <unknown>\nUniqueid: 1.1",
    );
    let Event::Newchannel(channel) = Event::read(&block) else { panic!() };
    assert_eq!((channel.state(), text(channel.caller_number())), (Some(4), "201".into()));
    assert!(channel.caller_name().is_none() && channel.linked_id().is_none());

    let block =
        event("Event: Newcallerid\nChannel: SIP/201-1\nCallerID: 202\nCallerIDName: A\nUniqueid: 1.1");
    let Event::NewCallerid(channel) = Event::read(&block) else { panic!() };
    assert_eq!(text(channel.caller_number()), "202");

    let block = event("Event: Newstate\nChannel: SIP/201-1\nState: Up\nCallerID: 202\nUniqueid: 1.1");
    let Event::Newstate(channel) = Event::read(&block) else { panic!() };
    assert_eq!(channel.state(), Some(6));

    let block = event("Event: Rename\nOldname: SIP/201-1\nNewname: SIP/201-1<MASQ>\nUniqueid: 1.1");
    let Event::Rename(rename) = Event::read(&block) else { panic!() };
    assert_eq!(
        (text(rename.channel.name()), text(rename.new_name)),
        ("SIP/201-1".into(), "SIP/201-1<MASQ>".into())
    );

    let block =
        event("Event: Masquerade\nClone: SIP/a-1\nCloneState: Up\nOriginal: SIP/b-1\nOriginalState: Up");
    let Event::Masquerade(masquerade) = Event::read(&block) else { panic!() };
    assert_eq!((text(masquerade.clone), text(masquerade.original)), ("SIP/a-1".into(), "SIP/b-1".into()));

    let block = event("Event: Hangup\nChannel: SIP/201-1\nUniqueid: 1.1\nCause: 0\nCause-txt: Unknown");
    let Event::Hangup(hangup) = Event::read(&block) else { panic!() };
    assert_eq!((hangup.cause, hangup.tech_cause), (Some(0), None));
}

#[test]
fn dials_before_12() {
    let old = event(
        "Event: Dial\nSource: SIP/201-1\nDestination: SIP/202-2\nCallerID: 201\nCallerIDName: A\nSrcUniqueID: 1.1\n\
         DestUniqueID: 1.2",
    );
    let middle = event(
        "Event: Dial\nSubEvent: Begin\nChannel: SIP/201-1\nDestination: SIP/202-2\nCallerIDNum: 201\nCallerIDName: A\n\
         UniqueID: 1.1\nDestUniqueID: 1.2\nDialstring: 202\nChanVariable(SIP/201-1): ROUTE=1\n\
         ChanVariable(SIP/202-2): ROUTE=2:b",
    );
    for block in [&old, &middle] {
        let Event::DialBegin(dial) = Event::read(block) else { panic!() };
        assert_eq!((name(dial.caller), id(dial.caller)), ("SIP/201-1".into(), "1.1".into()));
        assert_eq!((name(dial.called), id(dial.called)), ("SIP/202-2".into(), "1.2".into()));
        assert_eq!(text(dial.caller.unwrap().caller_number()), "201");
    }
    let Event::DialBegin(dial) = Event::read(&middle) else { panic!() };
    assert_eq!(text(dial.dial_string), "202");
    let variables: Vec<_> = dial.caller.unwrap().variables().map(|(_, value)| value.to_text()).collect();
    assert_eq!(variables, ["1"]);

    let block = event("Event: Dial\nSubEvent: End\nChannel: SIP/201-1\nUniqueID: 1.1\nDialStatus: BUSY");
    let Event::DialEnd(dial) = Event::read(&block) else { panic!() };
    assert!(dial.called.is_none());
    assert_eq!((id(dial.caller), text(dial.status)), ("1.1".into(), "BUSY".into()));
}

#[test]
fn links_before_12() {
    let pair = "Channel1: SIP/a-1\nChannel2: SIP/b-2\nUniqueid1: 1.1\nUniqueid2: 1.2\nCallerID1: 201\nCallerID2: 202";
    for head in ["Event: Link", "Event: Bridge\nBridgestate: Link\nBridgetype: core"] {
        let block = event(&format!("{head}\n{pair}"));
        let Event::Link(link) = Event::read(&block) else { panic!("{head}") };
        assert_eq!((id(link.first), id(link.second)), ("1.1".into(), "1.2".into()));
        assert_eq!(text(link.second.unwrap().caller_number()), "202");
    }
    for head in ["Event: Unlink", "Event: Bridge\nBridgestate: Unlink"] {
        let block = event(&format!("{head}\n{pair}"));
        assert!(matches!(Event::read(&block), Event::Unlink(_)), "{head}");
    }
    let block = event("Event: Bridge\nSomething: else");
    assert!(matches!(Event::read(&block), Event::Other(_)));
    let block = event(
        "Event: LocalBridge\nChannel1: Local/1@a-1;1\nChannel2: Local/1@a-1;2\nUniqueid1: 1.1\nUniqueid2: 1.2\n\
         Context: a\nExten: 1\nLocalOptimization: Yes",
    );
    let Event::LocalBridge(halves) = Event::read(&block) else { panic!() };
    assert_eq!(
        (id(halves.one), id(halves.two), text(halves.exten)),
        ("1.1".into(), "1.2".into(), "1".into())
    );
}

#[test]
fn transfers_before_12() {
    let block = event(
        "Event: Transfer\nTransferMethod: SIP\nTransferType: Blind\nChannel: SIP/a-1\nUniqueid: 1.1\n\
         TargetChannel: SIP/b-2\nTargetUniqueid: 1.2\nTransferExten: 205\nTransferContext: phones",
    );
    let Event::BlindTransfer(transfer) = Event::read(&block) else { panic!() };
    assert!(transfer.is_success);
    assert_eq!((id(transfer.transferer), id(transfer.transferee)), ("1.1".into(), "1.2".into()));
    assert_eq!((text(transfer.exten), text(transfer.context)), ("205".into(), "phones".into()));

    let block = event(
        "Event: Transfer\nTransferMethod: SIP\nTransferType: Attended\nChannel: SIP/a-1\nUniqueid: 1.1\n\
         TargetChannel: SIP/a-3\nTargetUniqueid: 1.3",
    );
    let Event::AttendedTransfer(transfer) = Event::read(&block) else { panic!() };
    assert_eq!((id(transfer.transferer), id(transfer.second_transferer)), ("1.1".into(), "1.3".into()));
}

#[test]
fn holding_and_parking_before_12() {
    let hold = |state: &str| event(&format!("Event: Hold\nStatus: {state}\nChannel: SIP/a-1\nUniqueid: 1.1"));
    assert!(matches!(Event::read(&hold("On")), Event::Hold(_)));
    assert!(matches!(Event::read(&hold("Off")), Event::Unhold(_)));
    let music = |state: &str| {
        event(&format!("Event: MusicOnHold\nState: {state}\nChannel: SIP/a-1\nUniqueID: 1.1\nClass: x"))
    };
    let block = music("Start");
    assert!(matches!(Event::read(&block), Event::MusicOnHoldStart(hold) if text(hold.class) == "x"));
    assert!(matches!(Event::read(&music("Stop")), Event::MusicOnHoldStop(_)));

    let parked = event(
        "Event: ParkedCall\nExten: 701\nChannel: SIP/a-1\nParkinglot: default\nFrom: SIP/b-2\nTimeout: 45\n\
         CallerIDNum: 201\nUniqueid: 1.1",
    );
    let Event::ParkedCall(parking) = Event::read(&parked) else { panic!() };
    assert_eq!((id(parking.parkee), name(parking.parker)), ("1.1".into(), "SIP/b-2".into()));
    assert_eq!((text(parking.space), parking.timeout_s), ("701".into(), Some(45)));
    assert_eq!(text(parking.parkee.unwrap().caller_number()), "201");

    let back = event("Event: UnParkedCall\nExten: 701\nChannel: SIP/a-1\nFrom: SIP/c-3\nCallerID: 201");
    let Event::UnParkedCall(parking) = Event::read(&back) else { panic!() };
    assert_eq!((name(parking.parkee), name(parking.retriever)), ("SIP/a-1".into(), "SIP/c-3".into()));
}

#[test]
fn queues_before_12() {
    let caller = "Channel: SIP/a-1\nCallerID: 201\nQueue: support\nPosition: 1\nCount: 2\nUniqueid: 1.1";
    let block = event(&format!("Event: Join\n{caller}"));
    let Event::QueueCallerJoin(join) = Event::read(&block) else { panic!() };
    assert_eq!(
        (join.position, join.count, text(join.channel.caller_number())),
        (Some(1), Some(2), "201".into())
    );
    assert!(matches!(Event::read(&event(&format!("Event: Leave\n{caller}"))), Event::QueueCallerLeave(_)));

    let block = event(
        "Event: QueueMemberPaused\nQueue: support\nLocation: SIP/201\nMemberName: A\nPaused: 1\nReason: lunch",
    );
    let Event::QueueMemberPause(member) = Event::read(&block) else { panic!() };
    assert_eq!((text(member.interface), member.is_paused), ("SIP/201".into(), Some(true)));
    assert_eq!(text(member.pause_reason), "lunch");

    let block = event(
        "Event: AgentCalled\nQueue: support\nAgentCalled: SIP/201\nAgentName: A\nChannelCalling: SIP/a-1\n\
         DestinationChannel: SIP/201-2\nCallerIDNum: 1\nExtension: 5000\nUniqueid: 1.1",
    );
    let Event::AgentCalled(agent) = Event::read(&block) else { panic!() };
    assert_eq!((text(agent.channel.name()), name(agent.called)), ("SIP/a-1".into(), "SIP/201-2".into()));
    assert_eq!((text(agent.interface), text(agent.channel.exten())), ("SIP/201".into(), "5000".into()));

    let block = event(
        "Event: AgentConnect\nQueue: support\nUniqueid: 1.1\nChannel: SIP/201-2\nMember: SIP/201\nMemberName: A\n\
         Holdtime: 7\nBridgedChannel: 1.2\nRingtime: 3",
    );
    let Event::AgentConnect(agent) = Event::read(&block) else { panic!() };
    assert_eq!(agent.channel.unique_id().map(UniqueIdRef::as_bytes), Some(&b"1.1"[..]));
    assert!(agent.channel.name().is_none());
    assert_eq!((name(agent.called), id(agent.called)), ("SIP/201-2".into(), "1.2".into()));
    assert_eq!((agent.hold_s, agent.ring, text(agent.interface)), (Some(7), Some(3), "SIP/201".into()));
}

#[test]
fn lists_before_12() {
    let block = event(
        "Event: Status\nPrivilege: Call\nChannel: SIP/a-1\nCallerID: 201\nAccount: x\nState: Up\nContext: c\n\
         Extension: 1\nPriority: 2\nSeconds: 9\nLink: SIP/b-2\nUniqueid: 1.1",
    );
    let Event::Status(status) = Event::read(&block) else { panic!() };
    assert_eq!(
        (status.channel.state(), status.age_s, text(status.bridged)),
        (Some(6), Some(9), "SIP/b-2".into())
    );
    assert_eq!((text(status.channel.account_code()), text(status.channel.exten())), ("x".into(), "1".into()));

    let block = event(
        "Event: CoreShowChannel\nChannel: SIP/a-1\nUniqueID: 1.1\nContext: c\nExtension: 1\nPriority: 1\n\
         ChannelState: 6\nDuration: 00:01:05\nBridgedChannel: SIP/b-2\nBridgedUniqueID: 1.2",
    );
    let Event::CoreShowChannel(item) = Event::read(&block) else { panic!() };
    assert_eq!(
        (item.age_s, text(item.bridged), text(item.channel.exten())),
        (Some(65), "SIP/b-2".into(), "1".into())
    );
}

/// Until Asterisk 13 a command answers with its bare output, lines ended by `\n`, empty ones included.
#[test]
fn commands_before_14() {
    let stream = b"Asterisk Call Manager/1.1\r\nResponse: Follows\r\nPrivilege: Command\r\nActionID: 7\r\n\
        Channel: SIP/a-1\n\nEvent: Hangup\r\n\r\nlast line--END COMMAND--\r\n\r\nResponse: Pong\r\nActionID: 8\r\n\r\n";
    for chunk in 1..stream.len() {
        let (frames, rest) = decode(&mut Decoder::new(Limits::default()), stream.chunks(chunk));
        let [Frame::Banner(banner), Frame::Response(command), Frame::Response(pong)] = &frames[..] else {
            panic!("{frames:?}")
        };
        assert!(rest.is_empty() && banner.major() == Some(1));
        assert!(command.is_success() && pong.is_success());
        assert_eq!(text(command.action_id()), "7");
        let output: Vec<_> = command.output().map(Value::to_text).collect();
        assert_eq!(output, ["Channel: SIP/a-1", "", "Event: Hangup", "", "last line"]);
        assert_eq!(text(pong.action_id()), "8");
    }
    let empty =
        b"Asterisk Call Manager/1.0\r\nResponse: Follows\r\nPrivilege: Command\r\n--END COMMAND--\r\n\r\n";
    let (frames, _) = decode(&mut Decoder::new(Limits::default()), [&empty[..]]);
    assert!(matches!(&frames[1], Frame::Response(response) if response.output().count() == 0));
}

/// Later versions never write it: a value that looks like it must not make a session deaf.
#[test]
fn bare_output_is_believed_of_old_versions_only() {
    let stream =
        b"Asterisk Call Manager/11.0.0\r\nResponse: Follows\r\n\r\nEvent: Hangup\r\nUniqueid: 1.1\r\n\r\n";
    let (frames, rest) = decode(&mut Decoder::new(Limits::default()), [&stream[..]]);
    assert!(matches!(frames[..], [Frame::Banner(_), Frame::Response(_), Frame::Event(_)]));
    assert!(rest.is_empty());
}

/// Output beyond a limit is skipped to its own end: none of its lines becomes an event.
#[test]
fn endless_output_is_skipped_to_its_end() {
    let limits = Limits { line_bytes: 100, headers: 10, block_bytes: 1_000 };
    let output = b"Asterisk Call Manager/1.3\r\nResponse: Follows\r\nActionID: 7\r\n\
        "
    .iter()
    .chain(b"x\n\r\n\r\nEvent: Hangup\r\n\r\n".repeat(20).iter())
    .copied()
    .collect::<Vec<u8>>();
    let stream = [&output[..], b"--END COMMAND--\r\n\r\nEvent: Reload\r\n\r\n"].concat();
    for chunk in 1..100 {
        let (frames, rest) = decode(&mut Decoder::new(limits), stream.chunks(chunk));
        let [Frame::Banner(_), Frame::Damaged(damaged), Frame::Event(reload)] = &frames[..] else {
            panic!("{frames:?}")
        };
        assert_eq!(damaged.head.action_id().unwrap().as_bytes(), b"7");
        assert!(rest.is_empty() && matches!(Event::read(reload), Event::Reload(_)));
    }
}
