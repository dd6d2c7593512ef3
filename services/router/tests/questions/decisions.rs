//! What is kept of decisions, and of what nothing is.

use routing::{Decided, DecisionRecord, Generation, Snapshot, Verb};

use crate::common::{Rig, TOKEN, article, question, serving};

impl Rig {
    /// What was kept since the last time.
    fn kept(&mut self) -> Vec<DecisionRecord> {
        std::iter::from_fn(|| self.decisions.try_recv().ok()).collect()
    }
}

/// A router whose tables are a generation that was activated.
fn serving_generation_42() -> Rig {
    let mut rig = serving(&article());
    rig.publisher.publish(Snapshot::compile(article().into(), Generation::number(42)).unwrap());
    rig
}

#[test]
fn a_decision_is_kept_as_it_was_answered() {
    let mut rig = serving_generation_42();
    let reply = rig.ask("outbound", &question("&to=%2B74957777777"));
    let [record] = rig.kept().try_into().unwrap();
    assert_eq!((&*record.id, &*record.root), (&*reply["id"], &*reply["root"]));
    assert_eq!((&*record.decided.status, record.decided.generation), (&*reply["status"], Some(42)));
    let count: usize = reply["count"].parse().unwrap();
    assert_eq!(record.decided.attempts.len(), count);
    for (position, attempt) in (1..).zip(&record.decided.attempts) {
        assert_eq!(attempt.dial.as_ref(), reply[&format!("dial{position}")]);
        assert_eq!(attempt.kind, reply[&format!("kind{position}")]);
        assert_eq!(attempt.shown.unwrap().as_str(), reply[&format!("cid{position}")]);
        assert!(attempt.provider.is_some());
    }
    let asked = &record.question;
    assert_eq!((asked.verb, asked.node.as_str(), &*asked.call), (Verb::Outbound, "asterisk-macomnet", "1.1"));
    assert_eq!((&*asked.endpoint, &*asked.to, &*asked.from), ("1000", "+74957777777", "1000"));
    assert!(record.decided_us > 1_700_000_000_000_000, "microseconds of UTC");

    let snapshot = Snapshot::compile(article().into(), Generation::number(42)).unwrap();
    assert_eq!(Decided::again(&snapshot, asked), record.decided);
}

#[test]
fn who_is_refused_by_a_decision_is_kept_too() {
    let mut rig = serving(&article());
    for (verb, more, status, reason) in [
        ("outbound", "&to=500%26PJSIP/x", "reject", "not_a_number"),
        ("outbound", "&to=84957777777&cli=x", "reject", "bad_caller_id"),
        ("inbound", "&to=74951815000&source=203.0.113.9", "reject", "unknown_source"),
    ] {
        let reply = rig.ask(verb, &question(more));
        let [record] = rig.kept().try_into().unwrap();
        assert_eq!((&*record.decided.status, record.decided.reason.as_deref()), (status, Some(reason)));
        assert_eq!(
            (&*record.id, record.decided.cause.unwrap().to_string()),
            (&*reply["id"], reply["cause"].clone())
        );
        assert!(record.decided.attempts.is_empty());
    }
}

#[test]
fn nothing_is_kept_of_what_was_not_decided() {
    let mut rig = serving(&article());
    let long = format!("&to={}", "9".repeat(600));
    for (verb, asked) in [
        ("dance", question("&to=84957777777")),
        ("hangup", question("&dialstatus=BUSY")),
        ("outbound", question("&to=1&to=2")),
        ("outbound", question(&long)),
        ("outbound", question("&to=84957777777&class=gold")),
        ("outbound", "node=asterisk-macomnet&to=84957777777".into()),
        ("outbound", "node=asterisk-macomnet&token=guess&to=84957777777".into()),
        ("outbound", format!("node=asterisk-msm&token={TOKEN}&to=84957777777")),
    ] {
        rig.ask(verb, &asked);
        assert_eq!(rig.kept(), [], "{verb} {asked}");
    }
    let explained = b"verb=outbound&node=asterisk-macomnet&endpoint=1000&to=84957777777";
    rig.service.explain(explained, Some("operator"));
    assert_eq!(rig.kept(), [], "who explains decides nothing");
}

#[test]
fn a_call_that_was_handed_over_keeps_its_root() {
    let mut rig = serving(&article());
    let asked = |endpoint: &str| {
        format!("node=asterisk-macomnet&token={TOKEN}&endpoint={endpoint}&hop=w0-1-9.2.1&to=1000&from=1001")
    };
    rig.ask("inbound", &asked("msm"));
    let [record] = rig.kept().try_into().unwrap();
    assert!(record.decided.hopped && &*record.root == "w0-1-9" && record.id != record.root);
    // From somebody who is no server of ours it is nothing.
    rig.ask("inbound", &asked("westcall"));
    let [record] = rig.kept().try_into().unwrap();
    assert!(!record.decided.hopped && record.id == record.root);
}

#[test]
fn a_token_is_in_no_record() {
    let mut rig = serving(&article());
    rig.ask("outbound", &question("&to=84957777777"));
    let [record] = rig.kept().try_into().unwrap();
    let written = serde_json::to_string(&record).unwrap();
    assert!(!written.contains(TOKEN), "{written}");
}

#[test]
fn answers_go_on_when_nobody_fetches_decisions() {
    let mut rig = serving(&article());
    let asked = question("&to=84957777777");
    let wanted = rig.ask("outbound", &asked)["dial1"].clone();
    for _ in 0..8_500 {
        assert_eq!(rig.ask("outbound", &asked)["dial1"], wanted);
    }
    let kept = rig.kept().len() as u64;
    assert!(kept < 8_501 && rig.lost.get() == 8_501 - kept, "{kept} kept, {} lost", rig.lost.get());
    // Whoever is gone takes nothing any more.
    rig.decisions.close();
    assert_eq!(rig.ask("outbound", &asked)["dial1"], wanted);
}
