//! What the typed events say, on recorded events of Asterisk 16 and 22.

use asterisk::ami::{Block, Decoder, Event, Frame, Limits, UniqueId, Value};

use crate::{captures, decode, event};

fn events(stream: &str) -> Vec<Block> {
    let named = captures().into_iter().filter(|(name, _)| name.ends_with(&format!("/{stream}.ami")));
    let frames = named.flat_map(|(_, text)| decode(&mut Decoder::new(Limits::default()), [&text[..]]).0);
    let events: Vec<_> =
        frames.filter_map(|frame| if let Frame::Event(block) = frame { Some(block) } else { None }).collect();
    assert!(!events.is_empty());
    events
}

/// How many events of both versions were read by `check`, which says whether an event was its own.
fn seen(stream: &str, mut check: impl FnMut(Event<'_>) -> bool) -> usize {
    events(stream).iter().filter(|block| check(Event::read(block))).count()
}

fn is(value: Option<Value<'_>>, text: &str) -> bool {
    value.is_some_and(|value| value.as_bytes() == text.as_bytes())
}

#[test]
fn blind_transfer() {
    let transfers = seen("blind-transfer-ami", |event| {
        let Event::BlindTransfer(transfer) = event else { return false };
        assert!(transfer.is_success && transfer.is_external == Some(true) && transfer.bridge.is_some());
        assert!(is(transfer.context, "phones") && is(transfer.exten, "1002"));
        let (transferer, transferee) = (transfer.transferer.unwrap(), transfer.transferee.unwrap());
        assert_ne!(transferer.unique_id(), transferee.unique_id());
        assert_eq!(transferer.linked_id(), transferee.linked_id());
        true
    });
    assert_eq!(transfers, 2);
}

#[test]
fn attended_transfer() {
    let (mut merged, mut transferred) = (Vec::new(), Vec::new());
    seen("attended-transfer", |event| {
        match event {
            Event::BridgeMerge(merge) => merged.push(merge.to.unwrap().to_owned()),
            Event::AttendedTransfer(transfer) => {
                assert!(transfer.is_success && is(transfer.destination, "Bridge"));
                assert!(transfer.transferer.is_some() && transfer.second_transferer.is_some());
                assert!(
                    transfer.transferee.is_some()
                        && transfer.target.is_some()
                        && transfer.second_bridge.is_some()
                );
                transferred.push(transfer.destination_bridge.unwrap().to_owned());
            }
            _ => {}
        }
        false
    });
    assert_eq!(merged.len(), 2);
    assert_eq!(merged, transferred);
}

#[test]
fn a_local_half_is_dialled_by_nobody() {
    let alone = seen(
        "attended-transfer",
        |event| matches!(event, Event::DialState(dial) | Event::DialEnd(dial) if dial.caller.is_none() && dial.called.is_some()),
    );
    assert!(alone >= 2, "{alone}");
}

#[test]
fn local_channels() {
    let mut ids = Vec::new();
    let bridged = seen("local-channel-optimised", |event| match event {
        Event::LocalBridge(halves) => {
            assert_ne!(halves.one.unwrap().unique_id(), halves.two.unwrap().unique_id());
            true
        }
        Event::LocalOptimizationBegin(begin) => {
            assert!(begin.source.is_some() && begin.destination.is_some() && begin.one.is_some());
            ids.push(begin.id.unwrap());
            false
        }
        Event::LocalOptimizationEnd(end) => {
            assert!(end.two.is_some());
            assert_eq!(ids.last(), end.id.as_ref());
            false
        }
        _ => false,
    });
    assert_eq!((bridged, ids.len()), (4, 2));
}

#[test]
fn parking() {
    let mut parked: Vec<UniqueId> = Vec::new();
    let out = seen("parking-timeout", |event| match event {
        Event::ParkedCall(parking) => {
            assert!(is(parking.space, "701") && is(parking.lot, "default"));
            parked.push(parking.parkee.unwrap().unique_id().unwrap().to_owned());
            false
        }
        Event::ParkedCallTimeOut(parking) => {
            assert!(is(parking.parker_dial_string, "PJSIP/1001") && parking.duration_s >= Some(4));
            let parkee = parking.parkee.unwrap().unique_id().unwrap();
            assert!(parked.iter().any(|parked| parked.borrowed() == parkee));
            true
        }
        _ => false,
    });
    assert_eq!(out, 2);
}

#[test]
fn queues() {
    let agents = seen("queue-answered", |event| match event {
        Event::AgentConnect(agent) => {
            agent.called.is_some() && agent.ring.is_some() && agent.hold_s.is_some()
        }
        Event::AgentComplete(agent) => is(agent.reason, "caller") && agent.talk_s.is_some(),
        Event::AgentCalled(agent) => is(agent.interface, "PJSIP/1001") && agent.channel.unique_id().is_some(),
        Event::QueueCallerJoin(caller) | Event::QueueCallerLeave(caller) => {
            is(caller.queue, "support") && caller.position == Some(1) && caller.count.is_some()
        }
        Event::QueueMemberPause(member) => member.is_paused.is_some() && is(member.member, "Agent One"),
        Event::QueueMemberStatus(member) => member.status.is_some() && member.is_in_call.is_some(),
        Event::QueueMemberPenalty(member) => member.penalty == Some(3),
        Event::QueueMemberRinginuse(member) => member.ring_in_use.is_some(),
        _ => false,
    });
    let named = seen("queue-answered", |event| format!("{event:?}").starts_with(['A', 'Q']));
    let added = seen("queue-answered", |event| {
        matches!(event, Event::QueueMemberAdded(_) | Event::QueueMemberRemoved(_) | Event::QueueParams(_))
            || matches!(event, Event::QueueMember(_) | Event::QueueStatusComplete(_))
    });
    assert!(agents > 20 && agents + added == named, "{agents} and {added} of {named}");
}

#[test]
fn originates_and_pickup() {
    let mut reasons = Vec::new();
    seen("originate-async-reasons", |event| {
        if let Event::OriginateResponse(response) = event {
            assert_eq!(response.is_success, response.unique_id.is_some());
            assert!(response.action_id.is_some() && response.channel.is_some());
            reasons.push(response.reason.unwrap());
        }
        false
    });
    for reason in [0, 3, 4] {
        assert!(reasons.contains(&reason), "{reasons:?}");
    }
    let pickups = seen(
        "originate-apps",
        |event| matches!(event, Event::Pickup(pickup) if pickup.target.unwrap().unique_id() != pickup.channel.unique_id()),
    );
    assert_eq!(pickups, 2);
}

#[test]
fn variables_and_user_events() {
    let (mut notes, mut values) = (0, Vec::new());
    seen("varset-weird", |event| {
        match event {
            Event::UserEvent(event) if is(event.name, "RouteNote") => {
                assert!(event.channel.is_some() && is(event.block.value("key"), "value"));
                notes += 1;
            }
            Event::UserEvent(event) => assert!(is(event.name, "FromAmi") && event.channel.is_none()),
            Event::VarSet(set) => {
                values.push(String::from_utf8(set.value.unwrap().unescaped().into_owned()).unwrap());
            }
            _ => {}
        }
        false
    });
    assert_eq!(notes, 2);
    assert!(values.iter().any(|value| value.contains('"')), "{values:?}");
    assert!(values.iter().any(|value| value == r"a\nb"), "{values:?}");
}

/// Header names may change their case, causes reach both ends, and a number too big is none.
#[test]
fn hangups() {
    let block = event("event: HANGUP\nCHANNEL: a\nUNIQUEID: 1.1\nLinkedID: 1.0\nCause: 127\nTechCause: 487");
    let Event::Hangup(hangup) = Event::read(&block) else { panic!() };
    assert_eq!((hangup.cause, hangup.tech_cause), (Some(127), Some(487)));
    assert_eq!(hangup.channel.linked_id().unwrap().to_string(), "1.0");
    for (cause, wanted) in [("0", Some(0)), ("", None), ("-1", None), ("99999", None), ("x", None)] {
        let block = event(&format!("Event: Hangup\nUniqueid: 1.1\nCause: {cause}"));
        assert!(matches!(Event::read(&block), Event::Hangup(hangup) if hangup.cause == wanted), "{cause}");
    }
}

/// Channel names may hold colons, and names and numbers never show.
#[test]
fn variables_of_odd_channels() {
    let block = event(
        "Event: Newchannel\nChannel: IAX2/[2001:db8::1]:4569-7\nCallerIDNum: 12025550100\nUniqueid: 1.1\n\
         ChanVariable(IAX2/[2001:db8::1]:4569-7): ROUTE=a=b\nChanVariable(other): ROUTE=no\nChanVariable: EMPTY=\n\
         ChanVariable: BARE\nDestChanVariable: ROUTE=no",
    );
    let Event::Newchannel(channel) = Event::read(&block) else { panic!() };
    let variables: Vec<_> =
        channel.variables().map(|(name, value)| (name.to_text(), value.to_text())).collect();
    let wanted = [("ROUTE", "a=b"), ("EMPTY", ""), ("BARE", "")];
    assert_eq!(variables, wanted.map(|(name, value)| (name.into(), value.into())));
    let shown = format!("{block:?} {:?}", Event::read(&block));
    assert!(!shown.contains("2025550100"), "{shown}");
}
