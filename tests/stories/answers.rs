//! The dialplan has a branch for every answer of the contract, also for those of a router newer than itself.

use std::sync::Once;

use laboratory::{
    asterisk::{Driver, PLANS},
    carriers::{CARRIERS, Carrier},
    node,
    phones::{Call, Outcome},
    router, scripted, tables,
};
use libtest_mimic::Trial;

use super::on_every_node;

/// What a phone hears: SIP status and Q.850 cause.
type Heard = (u16, u16);

/// Answers that dial nobody. In SIP, Asterisk makes 410 of 22, 500 of 38, 403 of 21, 404 of 3, 486 of 17.
const WITHOUT_DIALLING: [(&str, &str, Heard); 11] = [
    ("5001", "status=reject", (403, 21)),
    ("5002", "status=reject&reason=busy%2C%20%29%7D&cause=17", (486, 17)),
    ("5003", "status=no_route", (404, 3)),
    ("5004", "status=not_ready", (500, 38)),
    ("5005", "status=bad_request", (500, 38)),
    ("5006", "status=of_tomorrow&count=1&dial1=PJSIP/1@answers", (500, 38)),
    ("5007", "count=1&dial1=PJSIP/1@answers", (500, 38)),
    ("5008", "status=goto&context=lab-after&exten=600", (410, 22)),
    ("5009", "status=goto&context=nowhere&exten=600", (500, 38)),
    // Attempts without a Dial string, and more of them than there may be.
    ("5010", "status=ok&count=99999999", (503, 34)),
    ("5011", "status=ok&count=0&dial1=PJSIP/1@answers", (503, 34)),
];

pub(crate) fn trials() -> Vec<Trial> {
    let refusals = on_every_node("answers::that_dial_nobody", |node| {
        for (to, line, heard) in WITHOUT_DIALLING {
            let outcome = call(node, to);
            assert_eq!((outcome.status(), outcome.cause()), (heard.0, Some(heard.1)), "{line}");
        }
    });
    let echo = on_every_node("answers::echo", |node| assert_eq!(call(node, "5020").status(), 200));
    let redirect = on_every_node("answers::redirect", |node| dials(node, "5021", &["answers"], (200, None)));
    let then = on_every_node("answers::what_follows_when_all_failed", |node| {
        dials(node, "5022", &["refuses-503"], (410, Some(22)));
    });
    let beyond = on_every_node("answers::nothing_is_read_beyond_count", |node| {
        dials(node, "5023", &["refuses-503"], (503, Some(34)));
    });
    let busy = on_every_node("answers::without_a_stop_rule_busy_goes_on_and_stays_busy", |node| {
        dials(node, "5024", &["refuses-503", "refuses-486"], (486, Some(17)));
    });
    let again = on_every_node("answers::nothing_is_left_of_an_earlier_answer", |node| {
        dials(node, "5025", &["refuses-503"], (503, Some(34)));
    });
    let not_ready = on_every_node("answers::not_ready_asks_the_second_router", |name| {
        start();
        let called = tables::NOT_READY.number(name, 0);
        assert_eq!(Call::new(&node(name).plan, "1094", &called).place().status(), 200);
    });
    let bare = on_every_node("answers::a_bare_400_or_431_asks_the_second_router", |name| {
        start();
        for story in [1, 2] {
            let called = tables::NOT_READY.number(name, story);
            assert_eq!(Call::new(&node(name).plan, "1094", &called).place().status(), 200);
        }
    });
    let all = [refusals, echo, redirect, then, beyond, busy, again, not_ready, bare];
    all.into_iter().flatten().collect()
}

/// What the router itself says to something that is no HTTP, and to a head that is too large: it has no body, and so no
/// status that a dialplan could read.
fn bare(story: usize) -> String {
    let request = match story {
        1 => "no HTTP at all\r\n\r\n".to_owned(),
        _ => format!("GET /v1/outbound HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(16 * 1024)),
    };
    let answer = router::say(router::PORT, &request);
    let code = if story == 1 { "400" } else { "431" };
    assert!(answer.starts_with(&format!("HTTP/1.1 {code} ")) && answer.ends_with("\r\n\r\n"), "{answer}");
    answer
}

/// Where the answer to 5025 sends the call: back to the same question.
const ASKED_AGAIN: &str = "5026";

/// The line for a question; Dial strings in the words of the asking node's driver.
fn script(node: &str, to: &str) -> String {
    let attempt = |index: usize, carrier: &str| {
        let number = number(node, if to == ASKED_AGAIN { "5025" } else { to });
        let chan_sip = PLANS.iter().any(|plan| plan.name == node && plan.driver == Driver::ChanSip);
        let dial =
            if chan_sip { format!("SIP/{carrier}/{number}") } else { format!("PJSIP/{number}@{carrier}") };
        format!(
            "&dial{index}={dial}&kind{index}=carrier&cid{index}=12025550101&pres{index}=allowed&tmo{index}=30"
        )
    };
    match to {
        "5020" => "status=echo".into(),
        "5021" => "status=redirect".to_owned() + &attempt(1, "answers") + &attempt(2, "answers-too"),
        "5022" => {
            "status=ok&count=1&then=goto&context=lab-after&exten=600".to_owned() + &attempt(1, "refuses-503")
        }
        "5023" => "status=ok&count=1".to_owned() + &attempt(1, "refuses-503") + &attempt(2, "answers"),
        "5024" => "status=ok&count=2".to_owned() + &attempt(1, "refuses-503") + &attempt(2, "refuses-486"),
        // Asks again, on the same channel, with keys left over that the second answer does not have.
        "5025" => {
            format!("status=goto&context=users_context&exten={ASKED_AGAIN}&then=goto&count=2&stop1=s503")
                + &attempt(2, "answers")
        }
        ASKED_AGAIN => "status=ok&count=1".to_owned() + &attempt(1, "refuses-503"),
        _ if to == tables::NOT_READY.number(node, 1) => bare(1),
        _ if to == tables::NOT_READY.number(node, 2) => bare(2),
        _ => {
            let line = WITHOUT_DIALLING.iter().find(|(number, ..)| *number == to);
            line.map_or("status=not_ready", |(_, line, _)| line).to_owned()
        }
    }
}

/// The number a carrier is called at, so that each node's call is told from the others.
fn number(node: &str, to: &str) -> String {
    let node = PLANS.iter().position(|plan| plan.name == node).unwrap();
    format!("447700900{node}{}", &to[1..])
}

fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| scripted::start(script));
}

fn call(name: &str, to: &str) -> Outcome {
    start();
    Call::new(&node(name).plan, "1093", to).place()
}

fn dials(name: &str, to: &str, carriers: &[&str], heard: (u16, Option<u16>)) {
    let outcome = call(name, to);
    let number = number(name, to);
    let tried = CARRIERS.iter().filter(|carrier: &&Carrier| !carrier.invites(&number).is_empty());
    let tried: Vec<_> = tried.map(|carrier| carrier.name).collect();
    assert_eq!(tried.len(), carriers.len(), "{tried:?}");
    assert!(carriers.iter().all(|carrier| tried.contains(carrier)), "{tried:?}");
    assert_eq!((outcome.status(), heard.1.and(outcome.cause())), heard);
}
