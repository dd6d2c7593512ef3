//! Nothing a caller writes becomes a leg, an argument, a header or a key.

use std::collections::BTreeSet;

use laboratory::{
    carriers::{CARRIERS, Carrier},
    node,
    phones::Call,
    router,
    sipp::Message,
    stack, tables,
};
use libtest_mimic::Trial;

use super::on_every_node;

/// Phones whose calls only these stories place: their channels are told apart by name. None of the first one's
/// calls may dial anything, every call of the second may dial one carrier.
const REFUSED: &str = "1005";
const ROUTED: &str = "1006";

/// Called "numbers" as they stand in a request URI.
const CALLED: [&str; 16] = [
    "500&PJSIP/answers",
    "447700900109&SIP/answers-too/12025550199",
    "447700900109&PJSIP/12025550199%40answers-too",
    "1,60,g",
    "447700900109,60,gL(1000)",
    "%24%7BSHELL(id)%7D",
    "447700900109%24%7BSHELL(touch%20/lab/smuggled)%7D",
    "447700900109%24%5B1+1%5D",
    "447700900109%22%20%3D%20%22",
    "447700900109%5C%22",
    "447700900109%0D%0AX-Smuggled:%201",
    "447700900109)%7D:2",
    "447700900109%26status%3Dok%26count%3D9",
    "%D9%A4%D9%A4%D9%A7%D9%A7%D9%A0%D9%A0%D9%A9%D9%A0%D9%A0%D9%A1%D9%A0%D9%A9",
    "4%D9%A4%D9%A7%D9%A7%D9%A0%D9%A0%D9%A9%D9%A0%D9%A0%D9%A1%D9%A0%D9%A9",
    "447700900109%5EPJSIP",
];

/// From headers of a phone that calls a good number.
const FROM: [&str; 8] = [
    r#""x" <sip:500&PJSIP%2Fanswers-too@192.0.2.1>"#,
    r#""1,60,g" <sip:1,60,g@192.0.2.1>"#,
    r#""${SHELL(touch /lab/smuggled)}" <sip:%24%7BSHELL(touch%20/lab/smuggled)%7D@192.0.2.1>"#,
    r#""a \" = \" b" <sip:12025550199%22@192.0.2.1>"#,
    r#""x" <sip:1%0D%0AX-Smuggled:%201@192.0.2.1>"#,
    r#""٤٤٧٧٠٠" <sip:%D9%A4%D9%A4@192.0.2.1>"#,
    r#""a&status=ok&count=9" <sip:1%26to%3D12025550199@192.0.2.1>"#,
    r#""$[1+1] )}:2" <sip:)%7D:2@192.0.2.1>"#,
];

/// What a phone may add to make a header of its own reach a carrier.
const HEADERS: [&str; 5] = [
    "Diversion: <sip:12025550199@192.0.2.1>;reason=unconditional",
    "P-Asserted-Identity: <sip:12025550199@192.0.2.1>",
    "Remote-Party-ID: <sip:12025550199@192.0.2.1>;privacy=off",
    "X-Smuggled: 1",
    "Alert-Info: <http://192.0.2.1/smuggled>",
];

pub(crate) fn trials() -> Vec<Trial> {
    let called = on_every_node("hostile::called_number", |name| {
        for to in CALLED.map(str::to_owned).into_iter().chain(["4".repeat(300)]) {
            let outcome = Call::new(&node(name).plan, REFUSED, &to).place();
            assert!(outcome.status() >= 400, "{to} was taken for a number");
        }
        let channel = format!("/{REFUSED}-");
        let log = node(name).log();
        let dials = log.lines().filter(|line| line.contains("Dial(\"") && line.contains(&channel));
        assert_eq!(dials.collect::<Vec<_>>(), [""; 0], "nothing was dialled");
        nothing_smuggled();
    });
    let written = on_every_node("hostile::calling_number_and_name", |name| {
        let plain =
            call_from(name, &format!("<sip:{ROUTED}@192.0.2.1>"), &[]).expect("a plain call is routed");
        let long = format!("\"{0}\" <sip:{0}@192.0.2.1>", "9".repeat(300));
        let routed = FROM.into_iter().chain([long.as_str()]).filter(|from| {
            // Refusing such a call is as good as routing it.
            call_from(name, from, &[]).inspect(|invite| is_like(invite, &plain)).is_some()
        });
        assert!(routed.count() >= 3, "hardly any of these calls came as far as the dialplan");
        let with_headers = call_from(name, &format!("<sip:{ROUTED}@192.0.2.1>"), &HEADERS);
        is_like(&with_headers.expect("headers do not keep a call from being routed"), &plain);
        nothing_smuggled();
    });
    let http = Trial::test("hostile::http", || {
        stack();
        for value in HTTP {
            for field in ["to", "from", "cli", "class", "endpoint", "call", "pres", "node", "token", "x"] {
                answers_in_form(field, value);
            }
        }
        Ok(())
    });
    called.into_iter().chain(written).chain([http]).collect()
}

/// The INVITE the carrier got for a call to a good number, if the node took the call.
fn call_from(name: &str, from: &str, headers: &[&str]) -> Option<Message> {
    let called = tables::HOSTILE.number(name, 0);
    let before = Carrier::named("answers").invites(&called).len();
    let mut call = Call::new(&node(name).plan, ROUTED, &called);
    call.from = Some(from.to_owned());
    call.headers = headers.iter().map(|&header| header.to_owned()).collect();
    let status = call.place().status();
    let mut invites = Carrier::named("answers").invites(&called);
    assert_eq!(invites.len() - before, usize::from(status == 200), "{from}: {status}");
    if status == 200 { invites.pop() } else { None }
}

/// The same From but for its tag, the same headers: what the phone wrote has changed nothing.
fn is_like(invite: &Message, plain: &Message) {
    let from = |message: &Message| message.header("From").unwrap().split_once(";tag=").unwrap().0.to_owned();
    let names =
        |message: &Message| message.headers().map(|(name, _)| name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(from(invite), from(plain));
    assert_eq!(names(invite), names(plain));
    assert!(from(invite).contains(tables::OWN_NUMBER));
}

/// No carrier ever got anything but calls to the laboratory's own numbers. (That no command was run is looked at in
/// the end, for all stories.)
fn nothing_smuggled() {
    for carrier in CARRIERS {
        for message in carrier.received() {
            let text = message.text.to_lowercase();
            assert!(!text.contains("smuggled") && !text.contains("12025550199"), "{}: {text}", carrier.name);
            if message.method() == Some("INVITE") {
                let called = message.uri_user();
                let digits = called.bytes().all(|byte| byte.is_ascii_digit()) && called.len() <= 15;
                let meant = called.contains("447700900") || tables::EMERGENCIES.contains(&called);
                assert!(digits && meant, "{} was called at {called}", carrier.name);
            }
        }
    }
}

/// Texts for the fields of a question.
const HTTP: [&str; 9] = [
    "500&PJSIP/answers",
    "${SHELL(id)}",
    "1,60,g",
    "\" = \"",
    "1\r\nX-Smuggled: 1\r\n\r\nstatus=ok",
    "\0",
    "٤٤٧٧٠٠٩٠٠١٠٩",
    "&count=9&dial2=PJSIP/12025550199@answers-too",
    "%%%2",
];

fn answers_in_form(field: &str, value: &str) {
    let called = tables::ANSWERED.number("ast22", 0);
    let plain = [("node", "ast22"), ("token", "token-of-ast22"), ("endpoint", "1001"), ("to", &called)];
    let others = plain.into_iter().filter(|(name, _)| *name != field);
    let form: Vec<_> =
        others.chain([(field, value)]).map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let answer = router::post(router::PORT, "/v1/outbound", &form.join("&"));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    for line in head.lines().skip(1) {
        let name = line.split(':').next().unwrap().to_lowercase();
        assert!(["content-type", "content-length", "connection", "date"].contains(&name.as_str()), "{line}");
    }
    let mut dialled = vec![];
    for pair in body.trim_end().split('&') {
        let (key, value) = pair.split_once('=').unwrap_or_else(|| panic!("{field}={value:?}: {body}"));
        let known = ["status", "reason", "cause", "id", "root", "gen", "count", "then"];
        let numbered = ["dial", "kind", "cid", "pres", "tmo", "stop"].map(|name| format!("{name}1"));
        assert!(known.contains(&key) || numbered.iter().any(|name| name == key), "{key} in {body}");
        dialled.extend((key == "dial1").then_some(value));
    }
    let routed = body.starts_with("status=ok");
    assert_eq!(dialled, if routed { vec![format!("PJSIP/{called}@answers")] } else { vec![] });
}

fn encoded(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}
