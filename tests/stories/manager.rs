//! Sessions with the manager ports of real Asterisks: who is let in, what is heard, and what a missing right looks like.

mod watcher;

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use ami::{Finding, LinkState, ReadClass, Timings, Tls};
use asterisk::ami::{Action, Application, Originate, OriginateTarget};
use domain::Secret;
use laboratory::{
    solo::{FRAGILE, SHARED, Solo, SoloNode},
    wait_until,
};
use libtest_mimic::Trial;

use self::watcher::{LIMIT, Watcher, target};

/// Whatever could end a value, add one to it, or be taken for something else.
const HARD: &str = "a,b\"c\\d(e)[f]=g&h|i;j'k${x}%41\\n^ \u{fc}\u{1f600}~";

pub(crate) fn trials() -> Vec<Trial> {
    type Story = fn(&SoloNode);
    let shared: [(&str, Story); 6] = [
        ("hears_what_records_need_and_no_more", hears_what_records_need),
        ("keeps_out_by_itself_what_it_may", keeps_out_what_it_may),
        ("a_wrong_password_is_told", wrong_password),
        ("each_missing_right_is_named", missing_rights),
        ("listens_over_tls", over_tls),
        ("variables_arrive_as_meant", variables),
    ];
    let told = |solo: usize| {
        shared.map(|(name, story)| {
            Trial::test(format!("manager::{name}::{}", SHARED[solo].name), move || {
                story(node(solo));
                Ok(())
            })
        })
    };
    let fragile = FRAGILE.map(|solo| {
        Trial::test(format!("manager::survives_what_a_node_does::{}", solo.name), move || {
            survives(&solo.start());
            Ok(())
        })
    });
    fragile.into_iter().chain((0..SHARED.len()).flat_map(told)).collect()
}

fn node(which: usize) -> &'static SoloNode {
    static NODES: [OnceLock<SoloNode>; 2] = [const { OnceLock::new() }; 2];
    NODES[which].get_or_init(|| SHARED[which].start())
}

/// A call that the node makes and ends by itself; returns the uniqueid of its first leg once that is gone.
fn brief_call(watcher: &Watcher, node: &SoloNode, exten: &str) -> String {
    let first = watcher.count();
    node.cli(&format!("channel originate Local/{exten}@lab application Wait 1"));
    wait_until("the call is over", LIMIT, || {
        let ended = watcher.heard_from(first).into_iter().find(|event| {
            event.name().is_some_and(|name| name.is("Hangup"))
                && event.value("Uniqueid") == event.value("Linkedid")
        })?;
        Some(ended.value("Uniqueid")?.to_text().into_owned())
    })
}

/// Names of the events heard.
fn names(watcher: &Watcher, first: usize) -> Vec<String> {
    let events = watcher.heard_from(first);
    events.iter().filter_map(|event| Some(event.name()?.to_text().into_owned())).collect()
}

/// With the shipped account, as the shipped configuration has it.
fn hears_what_records_need(node: &SoloNode) {
    let watcher = Watcher::listening(target(&node.solo, "dialplane"));
    watcher.until_heard("FullyBooted", "Status", "Fully Booted");
    brief_call(&watcher, node, "keep");
    let names = names(&watcher, 0);
    for wanted in ["Newchannel", "UserEvent", "LocalBridge", "Hangup"] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} in {names:?}");
    }
    for noise in ["VarSet", "Newexten", "CEL", "DeviceStateChange", "TestEvent"] {
        assert!(!names.iter().any(|name| name == noise), "{noise} in {names:?}");
    }
    let reply = watcher.ask(Action::core_show_channels).unwrap();
    assert!(reply.items.last().unwrap().name().unwrap().is("CoreShowChannelsComplete"));
    for action in [Action::core_status, Action::bridge_list, Action::ping] {
        watcher.ask(action).unwrap();
    }
    watcher.ask(|id| Action::queue_status(id, None)).unwrap();
    watcher.ask(|id| Action::status(id, None, &["DP_ID"])).unwrap();
    assert_eq!(watcher.findings(), []);
}

/// An account that may everything asks the node itself to keep quiet.
fn keeps_out_what_it_may(node: &SoloNode) {
    let mut all = target(&node.solo, "everything");
    all.watch.without.clear();
    let hears_all = Watcher::listening(all);
    let watcher = Watcher::listening(target(&node.solo, "everything"));
    wait_until("a call without any noise", LIMIT, || {
        let (first, before) = (watcher.count(), hears_all.count());
        let call = brief_call(&watcher, node, "keep");
        hears_all.until_heard("Hangup", "Uniqueid", &call);
        let others = names(&hears_all, before);
        assert!(others.iter().any(|name| name == "CEL"), "the noise is there: {others:?}");
        assert!(!others.iter().any(|name| name == "VarSet"), "the login keeps it out: {others:?}");
        (!names(&watcher, first).iter().any(|name| name == "CEL")).then_some(())
    });
    // Console accounts are told what they read: everything.
    assert_eq!(watcher.findings(), []);
}

fn wrong_password(node: &SoloNode) {
    let mut wrong = target(&node.solo, "dialplane");
    wrong.secret = Secret::new("not-this-one");
    let watcher = Watcher::start(wrong);
    let state = watcher.until("it is refused", |state| matches!(state, LinkState::Refused { .. }));
    let told = format!("{state:?}");
    assert!(told.contains("refuses `dialplane`: Authentication failed"), "{told}");
    assert!(!told.contains("not-this-one"));
    Watcher::listening(target(&node.solo, "dialplane"));
    let stranger = Watcher::start(target(&node.solo, "nobody"));
    stranger.until("it is refused", |state| matches!(state, LinkState::Refused { .. }));
}

fn missing_rights(node: &SoloNode) {
    let needed = vec!["CoreShowChannels", "CoreStatus", "Status"];
    let nothing = Watcher::listening(target(&node.solo, "nothing"));
    nothing.until_found(&Finding::Actions(needed));
    nothing.until_found(&Finding::Read(ReadClass::System));

    let console = Watcher::listening(target(&node.solo, "console"));
    for class in [ReadClass::System, ReadClass::User, ReadClass::Agent] {
        console.until_found(&Finding::Read(class));
    }
    assert!(!console.findings().contains(&Finding::Read(ReadClass::Call)));

    let deaf = Watcher::listening(target(&node.solo, "deaf"));
    deaf.until_found(&Finding::Read(ReadClass::System));
    wait_until("calls come and go unheard", LIMIT, || {
        node.cli("channel originate Local/keep@lab application Wait 1");
        deaf.findings().contains(&Finding::Read(ReadClass::Call)).then_some(())
    });

    let mut half = target(&node.solo, "half-deaf");
    half.watch.variables.push("DP_UNKNOWN".into());
    let half = Watcher::listening(half);
    wait_until("legs end without a report", LIMIT, || {
        brief_call(&half, node, "silent");
        half.findings().contains(&Finding::Read(ReadClass::User)).then_some(())
    });
    half.until_found(&Finding::Variables(vec!["DP_UNKNOWN".into()]));
    assert_eq!(half.findings().len(), 2, "{:?}", half.findings());
}

fn over_tls(node: &SoloNode) {
    let encrypted = |ca_file| {
        let mut target = target(&node.solo, "dialplane");
        target.address.port = 5039;
        target.tls = Some(Tls { ca_file, server_name: None });
        target
    };
    let watcher = Watcher::listening(encrypted(Some(node.solo.authority())));
    let LinkState::Listening { opened, .. } = watcher.state() else { panic!("{:?}", watcher.state()) };
    assert!(opened.is_encrypted);
    watcher.ask(Action::core_status).unwrap();

    // Nobody whom this machine trusts vouches for it; nor is it another node.
    let strange = Watcher::start(encrypted(None));
    let mut other = encrypted(Some(node.solo.authority()));
    other.tls.as_mut().unwrap().server_name = Some("other.example".into());
    let other = Watcher::start(other);
    for refused in [&strange, &other] {
        let state = refused.until("it is not believed", |state| matches!(state, LinkState::Away { .. }));
        assert!(format!("{state:?}").contains("no connection over TLS"), "{state:?}");
    }
}

/// What an Originate is given is what the channel has.
fn variables(node: &SoloNode) {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (one, other) = (format!("hard-{number}-1"), format!("hard-{number}-2"));
    let watcher = Watcher::listening(target(&node.solo, "everything"));
    let values = [("PLAIN", "plain"), ("HARD", HARD), ("__LAST", "x=y")];
    let call = Originate {
        channel: "Local/keep@lab",
        target: OriginateTarget::Application(Application { name: "Wait", data: "60" }),
        timeout_ms: 5_000,
        caller_id: Some("\"Event: Hangup\" <12025550123>"),
        account: None,
        variables: &values,
        channel_id: Some(&one),
        other_channel_id: Some(&other),
    };
    watcher.ask(|id| Action::originate(id, &call)).unwrap();
    watcher.until_heard("OriginateResponse", "Uniqueid", &one);
    for (name, value) in [("PLAIN", "plain"), ("HARD", HARD), ("LAST", "x=y")] {
        let reply = watcher.ask(|id| Action::getvar(id, Some(&one), name)).unwrap();
        let got = reply.response.block().value("Value").unwrap().to_text().into_owned();
        assert_eq!(got, value, "{name}");
    }
    let named = watcher.until_heard("Newchannel", "Uniqueid", &one);
    let channel = named.value("Channel").unwrap().to_text().into_owned();
    watcher.ask(|id| Action::hangup(id, &channel, 16)).unwrap();
    watcher.until_heard("Hangup", "Uniqueid", &one);
}

/// A node that freezes, thaws and is started anew.
fn survives(node: &SoloNode) {
    let Solo { name, .. } = node.solo;
    let mut hurried = target(&node.solo, "dialplane");
    hurried.timings = Timings {
        ping: Duration::from_millis(500),
        silence: Duration::from_secs(3),
        login: Duration::from_secs(2),
        pause_longest: Duration::from_secs(1),
        ..hurried.timings
    };
    let watcher = Watcher::listening(hurried);
    node.signal("STOP");
    // Its kernel still takes connections: only silence tells.
    wait_until(&format!("{name} is missed"), LIMIT, || (watcher.ends() == ["silent"]).then_some(()));
    watcher.until(
        "the login is not answered",
        |state| matches!(state, LinkState::Away { why } if why.contains("did not answer the login")),
    );
    node.signal("CONT");
    watcher.until("it listens again", |state| matches!(state, LinkState::Listening { .. }));
    node.cli("channel originate Local/keep@lab application Wait 60");
    wait_until("a call is up", LIMIT, || {
        let reply = watcher.ask(Action::core_show_channels).ok()?;
        (reply.items.len() > 1).then_some(())
    });
    let started = started(&watcher);
    node.cli("core restart now");
    wait_until(&format!("{name} is gone"), LIMIT, || (watcher.ends().len() > 1).then_some(()));
    // With or without a farewell: recorded streams end without one.
    assert!(["shutdown", "by_node"].contains(&watcher.ends()[1]), "{:?}", watcher.ends());
    watcher.until("it listens again", |state| matches!(state, LinkState::Listening { .. }));
    let left = wait_until("the channels are listed", LIMIT, || watcher.ask(Action::core_show_channels).ok());
    assert_eq!(left.items.len(), 1, "nothing but the end of the list");
    let again = wait_until("it says since when", LIMIT, || Some(self::started(&watcher)));
    assert_ne!(again, started);
}

/// When the node was started, as it says itself.
fn started(watcher: &Watcher) -> String {
    let reply = wait_until("CoreStatus", LIMIT, || watcher.ask(Action::core_status).ok());
    reply.response.block().value("CoreStartupTime").unwrap().to_text().into_owned()
}
