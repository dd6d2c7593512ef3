//! What no recording shows: variables of the shipped dialplan, ids that come again, parked calls that are fetched,
//! transfers of other kinds.

use std::fmt::Write;

use asterisk::ami::Block;
use calls::{CallRecord, Direction, Disposition, HangupBy};

use crate::replay::{Player, events};

/// Events of one second each, as short as they can be written: `Name@CHANNEL Header: value; …`, where a channel stands
/// for its name, id and linkedid, and `Dest=CHANNEL` for another one in that role.
struct Script {
    second: u32,
    text: String,
}

impl Script {
    fn new() -> Self {
        Self { second: 1_000, text: String::new() }
    }

    fn event(mut self, name: &str, channels: &[(&str, &str)], headers: &str) -> Self {
        self.second += 1;
        write!(self.text, "Event: {name}\r\nTimestamp: {}.0\r\n", self.second).unwrap();
        for (role, channel) in channels {
            let (id, linked) = channel.split_once('/').unwrap_or((channel, "a"));
            let driver = if id.contains(';') { "Local" } else { "PJSIP" };
            let role = |name: &str, value: &str| format!("{role}{name}: {value}\r\n");
            self.text += &role("Channel", &format!("{driver}/{id}"));
            self.text += &(role("Uniqueid", id) + &role("Linkedid", linked));
        }
        for header in headers.split("; ").filter(|header| !header.is_empty()) {
            self.text.extend([header, "\r\n"]);
        }
        self.text += "\r\n";
        self
    }

    fn new_channel(self, channel: &str, exten: &str) -> Self {
        self.event(
            "Newchannel",
            &[("", channel)],
            &format!("CallerIDNum: 12025550100; Exten: {exten}; ChannelState: 4"),
        )
    }

    fn dial(self, caller: &str, called: &str, string: &str) -> Self {
        self.event("DialBegin", &[("", caller), ("Dest", called)], &format!("DialString: {string}"))
    }

    fn answer(self, caller: &str, called: &str, bridge: &str) -> Self {
        let up = "ChannelState: 6";
        let script = self.event("Newstate", &[("", called)], up);
        let script = script.event("DialEnd", &[("", caller), ("Dest", called)], "DialStatus: ANSWER");
        let script = script.event("Newstate", &[("", caller)], up);
        script.enter(called, bridge).enter(caller, bridge)
    }

    fn enter(self, channel: &str, bridge: &str) -> Self {
        self.event("BridgeEnter", &[("", channel)], &format!("BridgeUniqueid: {bridge}; BridgeType: basic"))
    }

    fn leave(self, channel: &str, bridge: &str) -> Self {
        self.event("BridgeLeave", &[("", channel)], &format!("BridgeUniqueid: {bridge}"))
    }

    fn request(self, channel: &str) -> Self {
        self.event("HangupRequest", &[("", channel)], "ChannelState: 6")
    }

    fn soft(self, channel: &str) -> Self {
        self.event("SoftHangupRequest", &[("", channel)], "Cause: 16")
    }

    fn hangup(self, channel: &str, cause: u16) -> Self {
        self.event("Hangup", &[("", channel)], &format!("Cause: {cause}; ChannelState: 6"))
    }

    fn blocks(&self) -> Vec<Block> {
        events(self.text.as_bytes())
    }

    fn play(&self) -> Player {
        let mut player = Player::new();
        player.apply_all(&self.blocks());
        assert_eq!(player.assembler.live().count(), 0);
        player
    }

    fn record(&self) -> CallRecord {
        let records = self.play().records;
        assert_eq!(records.len(), 1, "{records:?}");
        records.into_values().next().unwrap()
    }
}

#[test]
fn decisions_come_with_variables_and_reports() {
    let variables = "ChanVariable: DP_ROOT=7-a-1; ChanVariable: DP_ID=9-b-2; ChanVariable: DP_N=2; ChanVariable: DP_VERB=outbound";
    let record = Script::new()
        .new_channel("a", "12025550123")
        .new_channel("b", "s")
        .dial("a", "b", "12025550123@carrier")
        .event(
            "UserEvent",
            &[("", "b")],
            "UserEvent: Dialplane; Id: 9-b-2; Root: 7-a-1; Att: 2; Sip: 503; Cause: 34; Dialstatus: ",
        )
        .event("DialEnd", &[("", "a"), ("Dest", "b")], "DialStatus: CONGESTION")
        .hangup("b", 34)
        .soft("a")
        .event("Hangup", &[("", "a")], &format!("Cause: 34; ChannelState: 4; {variables}"))
        .record();
    assert_eq!((record.root.as_deref(), record.decision.as_deref()), (Some("7-a-1"), Some("9-b-2")));
    assert_eq!((record.generation, record.direction), (Some(9), Some(Direction::Outbound)));
    let attempt = &record.attempts[0];
    assert_eq!(
        (attempt.decision.as_deref(), attempt.decision_attempt, attempt.sip),
        (Some("9-b-2"), Some(2), Some(503))
    );
    assert_eq!(
        (record.disposition, record.hangup_by),
        (Some(Disposition::Congestion), Some(HangupBy::Dialplan))
    );
    assert_eq!(record.called.unwrap().e164.unwrap().to_string(), "12025550123");
}

/// The SIP code of a report is a number and nothing else; what is no code is none.
#[test]
fn a_report_cannot_lie_about_more_than_its_leg() {
    let record = Script::new()
        .new_channel("a", "100")
        .event("UserEvent", &[("", "a")], "UserEvent: Dialplane; Sip: 99999; Att: 0; Id: ; Root: <unknown>")
        .event("UserEvent", &[("", "a")], "UserEvent: Other; Sip: 404; Id: x")
        .soft("a")
        .hangup("a", 16)
        .record();
    assert_eq!((record.sip, record.decision, record.root, record.generation), (None, None, None, None));
}

#[test]
fn an_id_used_again_is_another_call() {
    let once = |script: Script| script.new_channel("a", "100").soft("a").hangup("a", 16);
    let records = once(once(Script::new())).play().records;
    assert_eq!(records.len(), 2);
    assert!(records.values().all(|record| record.legs.len() == 1 && record.is_complete()));
}

#[test]
fn a_parked_call_that_is_fetched_is_one_call() {
    let script = Script::new()
        .new_channel("a", "100")
        .new_channel("b", "s")
        .dial("a", "b", "100")
        .answer("a", "b", "talk")
        .event("ParkedCall", &[("Parkee", "a")], "Parkinglot: default")
        .leave("a", "talk")
        .event(
            "BridgeEnter",
            &[("", "a")],
            "BridgeUniqueid: lot; BridgeType: holding; BridgeTechnology: holding_bridge",
        )
        .hangup("b", 16);
    let other = script.new_channel("z/z", "100").event(
        "BridgeEnter",
        &[("", "z/z")],
        "BridgeUniqueid: lot; BridgeType: holding; BridgeTechnology: holding_bridge",
    );
    let records = other
        .new_channel("c/c", "701")
        .event("UnParkedCall", &[("Parkee", "a"), ("Retriever", "c/c")], "")
        .leave("a", "lot")
        .enter("c", "fetched")
        .enter("a", "fetched")
        .request("c")
        .hangup("c", 16)
        .hangup("a", 16)
        .soft("z/z")
        .hangup("z/z", 16)
        .play()
        .records;
    let legs =
        |record: &CallRecord| record.legs.iter().map(|leg| leg.unique_id.to_string()).collect::<String>();
    let mut calls: Vec<_> = records.values().map(|record| (legs(record), record.hangup_by)).collect();
    calls.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(calls, [("abc".into(), Some(HangupBy::Callee)), ("z".into(), Some(HangupBy::Dialplan))]);
}

/// B calls C himself, holds A meanwhile, and connects the two while C rings (blonde) or talks.
#[test]
fn attended_and_blonde_transfer_join_two_calls() {
    let consult = |script: Script, answered: bool| {
        let script = script
            .new_channel("a", "100")
            .new_channel("b", "s")
            .dial("a", "b", "100")
            .answer("a", "b", "one")
            .new_channel("d/d", "200")
            .new_channel("c/d", "s")
            .dial("d/d", "c/d", "200");
        if answered { script.answer("d/d", "c/d", "two") } else { script }
    };
    let transfer = [
        ("OrigTransferer", "b"),
        ("SecondTransferer", "d/d"),
        ("Transferee", "a"),
        ("TransferTarget", "c/d"),
    ];
    for answered in [true, false] {
        let script = consult(Script::new(), answered)
            .event("AttendedTransfer", &transfer, "Result: Success; DestType: Bridge")
            .request("b")
            .leave("b", "one")
            .hangup("b", 16)
            .request("d")
            .hangup("d", 16);
        let script = if answered { script } else { script.answer("a", "c", "one") };
        let record = script
            .enter("c", "one")
            .request("a")
            .leave("a", "one")
            .leave("c", "one")
            .hangup("a", 16)
            .hangup("c", 16)
            .record();
        assert_eq!((record.legs.len(), record.attempts.len(), record.aliases.len()), (4, 2, 1));
        assert_eq!(
            (record.hangup_by, record.disposition),
            (Some(HangupBy::Caller), Some(Disposition::Answered))
        );
        assert!(record.is_complete() && &*record.id.unique_id == "a" && &*record.aliases[0].unique_id == "d");
    }
}

/// A call that was told, and then a channel of its joins it: a new revision, and no second call.
#[test]
fn a_late_joiner_makes_a_new_revision() {
    let player = Script::new()
        .new_channel("a", "100")
        .soft("a")
        .hangup("a", 16)
        .new_channel("b/a", "100")
        .soft("b")
        .hangup("b", 16)
        .play();
    let record = player.records.values().next().unwrap();
    assert_eq!((player.records.len(), record.revision, record.legs.len()), (1, 2, 2));
}

/// Two calls were told, and turn out to be one.
#[test]
fn a_late_merge_supersedes_what_was_told() {
    let player = Script::new()
        .new_channel("a", "100")
        .new_channel("b/b", "100")
        .soft("b/b")
        .hangup("b/b", 16)
        .event("Pickup", &[("", "b/b"), ("Target", "a")], "")
        .soft("a")
        .hangup("a", 16)
        .play();
    let (id, by) = &player.superseded[0];
    let record = player.records.values().next().unwrap();
    assert_eq!((player.superseded.len(), &*id.unique_id, by), (1, "b", &record.id));
    assert!(record.aliases == [id.clone()] && record.revision == 2 && record.legs.len() == 2);
}

#[test]
fn the_callee_hangs_up_and_the_dialplan_goes_on() {
    let answered = |script: Script| {
        script
            .new_channel("a", "100")
            .new_channel("b", "s")
            .dial("a", "b", "1")
            .answer("a", "b", "one")
            .request("b")
            .leave("b", "one")
            .leave("a", "one")
    };
    let plain = answered(Script::new()).hangup("b", 16).soft("a").hangup("a", 16).record();
    assert_eq!(plain.hangup_by, Some(HangupBy::Callee));
    // Option g: a second Dial after an answered one.
    let on = answered(Script::new())
        .hangup("b", 16)
        .new_channel("c", "s")
        .dial("a", "c", "2")
        .event("DialEnd", &[("", "a"), ("Dest", "c")], "DialStatus: BUSY")
        .hangup("c", 17)
        .soft("a")
        .hangup("a", 17)
        .record();
    assert_eq!((on.hangup_by, on.attempts.len()), (Some(HangupBy::Dialplan), 2));
}
