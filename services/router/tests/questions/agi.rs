//! The FastAGI listener on real sockets, with Asterisk's side played by its rules.

use std::{collections::BTreeMap, time::Duration};

use router::serve_agi;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    common::{TOKEN, question},
    sockets::{Listening, fields, listening, post},
};

mod peer;
#[path = "../../../asterisk/tests/agi/res_agi.rs"]
mod res_agi;

use peer::{Peer, header};

const ROUTED: &str = "&to=84957777777";

/// An answer without what differs from decision to decision.
fn ids_aside(mut answer: BTreeMap<String, String>) -> BTreeMap<String, String> {
    if let Some(id) = answer.get("id").cloned() {
        for value in answer.values_mut() {
            *value = value.replace(&id, "ID");
        }
    }
    answer
}

impl Listening {
    /// Whether one session ended like this. Sessions are counted before their connection closes.
    fn counted(&self, outcome: &str) -> bool {
        self.rig.metric(&format!("agi_sessions_total{{outcome=\"{outcome}\"}} 1"))
    }

    async fn still_serves(&self) {
        let answer = Peer::ask(self.address, "outbound", &question(ROUTED)).await.finish().await;
        assert_eq!(answer["status"], "ok");
    }
}

fn questions() -> Vec<(&'static str, String)> {
    let numbers =
        ["84957777777", "%2B74957777777", "1001", "112", "8800", "810442079460000", "x", "500%26PJSIP/x", ""];
    let mut questions = Vec::new();
    for number in numbers {
        for more in ["", "&class=noncli", "&class=gold", "&pres=prohib", "&cli=74951815000", "&cli=%22,(%5B"]
        {
            questions.push(("outbound", question(&format!("&to={number}{more}"))));
        }
        questions.push(("inbound", question(&format!("&to={number}&source=192.0.2.1"))));
    }
    questions.extend([
        ("hangup", question("&dialstatus=BUSY&cause=17&sip=486")),
        ("dance", question(ROUTED)),
        ("outbound", question("&to=1&to=2")),
        ("outbound", question(&format!("&to={}", "9".repeat(600)))),
        ("outbound", String::new()),
        ("outbound", "x".repeat(8_190)),
        ("outbound", format!("node=asterisk-msm&token={TOKEN}&to=1")),
    ]);
    questions
}

#[tokio::test]
async fn answers_are_those_of_http() {
    let mut router = listening(serve_agi, |_| {}).await;
    let http = router.http().await;
    for (verb, form) in questions() {
        let asked = Peer::ask(router.address, verb, &form).await.finish().await;
        let posted = fields(&post(http, verb, &form).await);
        assert_eq!(ids_aside(asked), ids_aside(posted), "{verb} {form}");
    }
}

#[tokio::test]
async fn a_usual_answer_takes_two_round_trips() {
    let router = listening(serve_agi, |_| {}).await;
    let mut peer = Peer::ask(router.address, "outbound", &question(ROUTED)).await;
    assert!(peer.obey().await && peer.obey().await && !peer.obey().await);
    assert!(router.counted("answered"));
}

/// A question as the shipped dialplan asks it: without the token.
fn tokenless(question: &str) -> String {
    question.replace(&format!("&token={TOKEN}"), "")
}

#[tokio::test]
async fn a_question_without_a_token_has_asterisk_asked_for_it() {
    let router = listening(serve_agi, |_| {}).await;
    let asked = tokenless(&question(ROUTED));
    for (token, status) in
        [(Some(TOKEN), "ok"), (Some("guess"), "reject"), (Some(""), "reject"), (None, "reject")]
    {
        let mut peer = Peer::ask(router.address, "outbound", &asked).await;
        if let Some(token) = token {
            peer.set("DP_TOKEN", token);
        }
        let first = peer.command().await.unwrap();
        assert_eq!(first, "GET VARIABLE DP_TOKEN");
        peer.replay(&first).await;
        let answer = peer.finish().await;
        assert_eq!(answer["status"], status, "{token:?}");
        let reason = answer.get("reason").map(String::as_str);
        assert_eq!(reason, (status == "reject").then_some("unauthorized"), "{token:?}");
    }
    // The token of a node is of no use to another one.
    let other = asked.replace("asterisk-macomnet", "asterisk-msm");
    let mut peer = Peer::ask(router.address, "outbound", &other).await;
    peer.set("DP_TOKEN", TOKEN);
    assert_eq!(peer.finish().await["reason"], "unauthorized");
}

#[tokio::test]
async fn a_caller_may_hang_up_or_fall_silent_while_the_token_is_asked_for() {
    let router = listening(serve_agi, |_| {}).await;
    let asked = tokenless(&question(ROUTED));
    for (said, outcome) in
        [(&b"HANGUP\n"[..], "hangup"), (b"510 x\n", "refused"), (b"x\n", "out_of_turn"), (b"", "late")]
    {
        let mut peer = Peer::ask(router.address, "outbound", &asked).await;
        peer.command().await.unwrap();
        peer.send(said).await;
        assert_eq!(peer.command().await, None);
        assert!(router.counted(outcome), "{outcome}");
    }
}

#[tokio::test]
async fn a_refused_question_is_counted_under_its_verb() {
    let router = listening(serve_agi, |_| {}).await;
    for (verb, label) in [("outbound", "outbound"), ("explain", "explain"), ("x\"} 1", "unknown")] {
        Peer::ask(router.address, verb, &"x".repeat(8_193)).await.finish().await;
        let counted = format!("answers_total{{status=\"bad_request\",verb=\"{label}\"}} 1");
        assert!(router.rig.metric(&counted), "{label}");
    }
}

#[tokio::test]
async fn what_is_no_question_is_told_so() {
    let router = listening(serve_agi, |_| {}).await;
    let fine = header("outbound", &question(ROUTED));
    let cases = [
        (fine.replace("script: v1/", "script: v2/"), "unknown_path"),
        (fine.replace("agi_network_script", "agi_network_scrip"), "unknown_path"),
        (fine.replace("v1/outbound", "v1/outbound?to=1"), "unknown_verb"),
        (fine.replace("\n\n", "\nagi_arg_2: to=1\n\n"), "many_arguments"),
        (fine.replace("agi_type: PJSIP", "agi_type"), "bad_header"),
        // A caller's number with line breaks in it.
        (fine.replace("callerid: 1000", "callerid: 1\nagi_arg_1: to=1"), "bad_header"),
        (fine.replace("callerid: 1000", "callerid: 1\n2"), "bad_header"),
        (header("outbound", &"x".repeat(8_193)), "question_too_long"),
    ];
    for (text, reason) in cases {
        let mut peer = Peer::connect(router.address).await;
        peer.send(text.as_bytes()).await;
        let answer = peer.finish().await;
        assert_eq!((&*answer["status"], &*answer["reason"]), ("bad_request", reason), "{text}");
    }
}

#[tokio::test]
async fn names_may_be_written_in_any_encoding() {
    let router = listening(serve_agi, |_| {}).await;
    let text = header("outbound", &question(ROUTED)).replace("Ivan Petrov", "J?rgen \"x\"; : , ");
    let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'?' { 0xfc } else { byte }).collect();
    let mut peer = Peer::connect(router.address).await;
    peer.send(&bytes).await;
    assert_eq!(peer.finish().await["status"], "ok");
}

#[tokio::test]
async fn a_header_may_be_torn_anywhere() {
    let router = listening(serve_agi, |_| {}).await;
    let text = header("outbound", &question(ROUTED));
    let whole = ids_aside(Peer::ask(router.address, "outbound", &question(ROUTED)).await.finish().await);
    let mut sessions = JoinSet::new();
    for place in 1..text.len() {
        let (text, address) = (text.clone(), router.address);
        sessions.spawn(async move {
            let mut peer = Peer::connect(address).await;
            peer.send(&text.as_bytes()[..place]).await;
            // Long enough that the two parts are not read as one.
            sleep(Duration::from_millis(2)).await;
            peer.send(&text.as_bytes()[place..]).await;
            (place, ids_aside(peer.finish().await))
        });
        // A crowd would only test how busy this machine is.
        if sessions.len() == 8 {
            let (place, answer) = sessions.join_next().await.unwrap().unwrap();
            assert_eq!(answer, whole, "torn at {place}");
        }
    }
    for (place, answer) in sessions.join_all().await {
        assert_eq!(answer, whole, "torn at {place}");
    }
}

#[tokio::test]
async fn replies_may_be_torn_too() {
    let router = listening(serve_agi, |_| {}).await;
    let mut peer = Peer::ask(router.address, "outbound", &question(ROUTED)).await;
    peer.command().await.unwrap();
    for byte in b"200 result=1\r\n" {
        peer.send(&[*byte]).await;
        sleep(Duration::from_millis(1)).await;
    }
    assert!(peer.command().await.unwrap().starts_with("SET VARIABLE HASH(DP) "));
}

#[tokio::test]
async fn a_hangup_closes_at_once() {
    let router = listening(serve_agi, |_| {}).await;
    let mut peer = Peer::ask(router.address, "outbound", &question(ROUTED)).await;
    peer.command().await.unwrap();
    let started = Instant::now();
    peer.send(b"HANGUP\n").await;
    assert_eq!(peer.command().await, None);
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
    assert!(router.counted("hangup"));
}

#[tokio::test]
async fn a_caller_who_hung_up_before_the_answer_gets_none() {
    let router = listening(serve_agi, |_| {}).await;
    let mut peer = Peer::connect(router.address).await;
    peer.send((header("outbound", &question(ROUTED)) + "HANGUP\n").as_bytes()).await;
    assert_eq!(peer.command().await, None);
    assert!(router.counted("hangup"));
}

#[tokio::test]
async fn replies_made_up_beforehand_get_no_second_command_on_the_way() {
    let router = listening(serve_agi, |_| {}).await;
    let mut peer = Peer::connect(router.address).await;
    // A caller's number that ends the header itself, and has replies ready.
    let forged =
        header("outbound", &question(ROUTED)) + "200 result=1\n200 result=1\nagi_calleridname: x\n\n";
    peer.send(forged.as_bytes()).await;
    assert_eq!(peer.command().await, None);
    assert!(router.counted("out_of_turn"));
}

#[tokio::test]
async fn a_channel_that_refuses_ends_the_session() {
    let router = listening(serve_agi, |_| {}).await;
    let mut peer = Peer::ask(router.address, "outbound", &question(ROUTED)).await;
    peer.command().await.unwrap();
    peer.send(b"511 result=-1 Command Not Permitted on a dead channel or intercept routine\n").await;
    assert_eq!(peer.command().await, None);
    assert!(router.counted("refused"));
}

#[tokio::test]
async fn silence_is_answered_at_the_deadline_and_closed_within_a_second() {
    let router = listening(serve_agi, |_| {}).await;
    let started = Instant::now();
    let mut peer = Peer::connect(router.address).await;
    assert!(peer.command().await.unwrap().contains("SET VARIABLE ~ODBCFIELDS~ "));
    assert!(started.elapsed() < Duration::from_millis(400), "{:?}", started.elapsed());
    assert_eq!(peer.command().await, None);
    let lived = started.elapsed();
    assert!(lived > Duration::from_millis(900) && lived < Duration::from_millis(1_500), "{lived:?}");
    assert!(router.counted("late"));
}

#[tokio::test]
async fn a_header_that_comes_too_late_is_answered_with_not_ready() {
    let router = listening(serve_agi, |_| {}).await;
    let text = header("outbound", &question(ROUTED));
    let (early, late) = text.as_bytes().split_at(100);
    let mut peer = Peer::connect(router.address).await;
    peer.send(early).await;
    let first = peer.command().await.unwrap();
    // Asterisk looks at commands only once it has told everything.
    peer.send(late).await;
    peer.replay(&first).await;
    let answer = peer.finish().await;
    assert_eq!((&*answer["status"], &*answer["reason"]), ("not_ready", "deadline"));
    assert!(router.counted("answered"));
}

#[tokio::test]
async fn endless_headers_and_noise_end_their_own_connection_only() {
    let router = listening(serve_agi, |_| {}).await;
    let lines: Vec<_> = (0..10_000).map(|number| format!("agi_arg_{number}: x\n")).collect();
    for noise in [
        lines.concat().into_bytes(),
        vec![b'x'; 1 << 20],
        vec![0; 1 << 20],
        b"\x16\x03\x01\x00\xff".repeat(9_000),
    ] {
        let mut peer = Peer::connect(router.address).await;
        let started = Instant::now();
        tokio::join!(peer.send(&noise), router.still_serves());
        while peer.command().await.is_some() {}
        assert!(started.elapsed() < Duration::from_millis(1_500), "{:?}", started.elapsed());
    }
    assert!(router.rig.metric("agi_sessions_total{outcome=\"malformed\"} 4"));
    router.still_serves().await;
}

#[tokio::test]
async fn connections_over_the_cap_are_closed_and_counted() {
    let router = listening(serve_agi, |config| config.connections_max = 1).await;
    let mut kept = Peer::ask(router.address, "outbound", &question(ROUTED)).await;
    let first = kept.command().await.unwrap();
    let mut refused = Peer::connect(router.address).await;
    assert_eq!(refused.command().await, None);
    assert!(router.rig.metric("connections_refused_total{listener=\"agi\"} 1"));
    assert!(router.rig.metric("connections{listener=\"agi\"} 1"));
    kept.replay(&first).await;
    assert_eq!(kept.finish().await["status"], "ok");
}

#[tokio::test]
async fn a_stop_lets_the_session_in_hand_finish() {
    let mut router = listening(serve_agi, |_| {}).await;
    let mut peer = Peer::ask(router.address, "outbound", &question(ROUTED)).await;
    let first = peer.command().await.unwrap();
    router.stop.cancel();
    peer.replay(&first).await;
    assert_eq!(peer.finish().await["status"], "ok");
    router.served.join_next().await.unwrap().unwrap();
}
