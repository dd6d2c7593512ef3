//! Recorded calls over HTTP and on the command line, on every kind of database.

use std::{collections::BTreeSet, time::Duration};

use calls::{CallRecord, Party};
use laboratory::{
    fleet::{self, Fleet, Member},
    router::say,
    sqlite, wait_until,
};
use libtest_mimic::Trial;
use serde_json::Value;
use store::{Options, Store};

use super::on_every_database;
use crate::store::{call_lists::write_all, sample_calls::call};

mod exports;

/// What [`call`] calls, and somebody whose number a terminal would obey.
const CALLED: &str = "12025550100";
const CALLER: &str = "12025550142";
/// 2026-11-21 14:00:00 UTC, and a day and a half later.
const DAYS: &str = "from=2026-11-21T14:00&to=2026-11-23";

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_database("api::roles_see_what_they_may", roles);
    trials.extend(on_every_database("api::pages_are_what_the_command_line_shows", pages));
    trials.extend(on_every_database("api::one_call_is_shown_whole", one_call));
    trials.extend(on_every_database("api::whole_numbers_are_shown_for_a_reason", reasons));
    trials.extend(on_every_database("api::carriers_have_names_and_sums_no_numbers", carriers));
    trials.extend(exports::trials());
    let once: [(&str, fn()); 4] = [
        ("api::bad_questions_get_the_allowed_list", bad_questions),
        ("api::what_it_says_of_itself_is_so", document),
        ("api::a_database_that_is_away_is_a_503", away),
        ("api::limits_hold", limits),
    ];
    trials.extend(once.into_iter().map(|(name, story)| {
        Trial::test(name, move || {
            story();
            Ok(())
        })
    }));
    trials
}

/// An installation with calls, and an API.
struct Scene {
    fleet: Fleet,
    api: Member,
    analyst: String,
}

/// What a server answered.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) text: String,
    /// The same, if it is JSON.
    pub(super) body: Value,
}

impl Scene {
    fn with(url: &str, records: &[CallRecord]) -> Self {
        Self::of(Fleet::on(url), records)
    }

    /// The same where there are tables with something in them already.
    fn of(fleet: Fleet, records: &[CallRecord]) -> Self {
        fleet.must(&["migrate"]);
        let analyst = token(&fleet, "analyst");
        let api = fleet.api("asked", &[]);
        let scene = Self { fleet, api, analyst };
        scene.write(records);
        scene
    }

    fn write(&self, records: &[CallRecord]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let patient = Options { acquire_timeout: fleet::LIMIT, ..Options::default() };
            let store = Store::connect(&self.fleet.url, patient).await.unwrap();
            write_all(&store, records).await;
            store.close().await;
        });
    }

    fn get(&self, path: &str) -> Reply {
        self.get_as(&self.analyst, path)
    }

    /// The same with whole numbers, for a reason.
    fn whole_as(&self, token: &str, path: &str, reason: &str) -> Reply {
        let separator = if path.contains('?') { '&' } else { '?' };
        let head =
            format!("GET {path}{separator}numbers=whole HTTP/1.1\r\nAuthorization: Bearer {token}\r\n");
        request(&self.api, &format!("{head}Dialplane-Reason: {reason}\r\n"))
    }

    fn audit(&self) -> Vec<Value> {
        serde_json::from_str(&self.fleet.must(&["audit", "--json"])).unwrap()
    }

    fn get_as(&self, token: &str, path: &str) -> Reply {
        request(&self.api, &format!("GET {path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n"))
    }
}

pub(super) fn token(fleet: &Fleet, role: &str) -> String {
    fleet.must(&["token", "create", "--role", role]).trim().to_owned()
}

pub(super) fn request(api: &Member, head: &str) -> Reply {
    answered(&say(api.api_port(), &format!("{head}Host: localhost\r\nConnection: close\r\n\r\n")))
}

fn answered(answer: &str) -> Reply {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let json = serde_json::from_str(body).unwrap_or_default();
    Reply { status, head: head.to_ascii_lowercase(), text: body.to_owned(), body: json }
}

impl Reply {
    fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The problem it is, which is well formed.
    pub(super) fn problem(self, status: u16, reason: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(self.head.contains("content-type: application/problem+json"), "{}", self.head);
        assert_eq!(self.body["type"], format!("urn:dialplane:problem:{reason}"), "{}", self.body);
        assert_eq!(self.body["status"], status);
        self.body
    }
}

fn records(count: i64) -> Vec<CallRecord> {
    let caller = || Some(Party { raw: format!("+{CALLER}\x1b[2J").into(), e164: CALLER.parse().ok() });
    (0..count).map(|number| CallRecord { caller: caller(), ..call(number) }).collect()
}

fn roles(url: &str) {
    let scene = Scene::with(url, &records(2));
    let list = format!("/api/v1/calls?{DAYS}");
    let seen = scene.whole_as(&scene.analyst, &list, "a story").ok();
    assert_eq!(seen["calls"][0]["caller"]["e164"], CALLER);
    assert_eq!(seen["calls"][0]["called"]["raw"], format!("+{CALLED}"));

    let viewer = token(&scene.fleet, "viewer");
    // What was read of the tokens is believed for a second.
    wait_until("the viewer is known", fleet::LIMIT, || {
        (scene.get_as(&viewer, &list).status == 200).then_some(())
    });
    let id = seen["calls"][0]["id"].as_str().unwrap();
    let root = seen["calls"][0]["root"].as_str().unwrap();
    for path in [list.clone(), format!("/api/v1/calls/{id}"), format!("/api/v1/roots/{root}")] {
        // Without a reason nobody sees more than a viewer.
        for token in [&viewer, &scene.analyst] {
            let masked = scene.get_as(token, &path).ok().to_string();
            for number in [CALLED, CALLER] {
                assert!(
                    !masked.contains(&number[..8]) && masked.contains(&format!("{}****", &number[..7])),
                    "{masked}"
                );
            }
        }
        assert!(scene.whole_as(&scene.analyst, &path, "a story").ok().to_string().contains(CALLED));
        scene.whole_as(&viewer, &path, "a story").problem(403, "forbidden");
    }
    for path in [format!("/api/v1/calls/{id}?explain=true"), "/api/v1/exports".to_owned()] {
        scene.get_as(&viewer, &path).problem(403, "forbidden");
    }
    for number in ["number=1202*", "caller=12025550142", "called=1*", "number=204", "caller=raw:1"] {
        scene.get_as(&viewer, &format!("{list}&{number}")).problem(403, "forbidden");
    }

    for head in
        ["", "Authorization: Basic eDp5\r\n", "Authorization: Bearer \r\n", "Authorization: Bearer\r\n"]
    {
        let reply = request(&scene.api, &format!("GET {list} HTTP/1.1\r\n{head}"));
        assert!(reply.head.contains("www-authenticate: bearer"), "{}", reply.head);
        reply.problem(401, "no-token");
    }
    for wrong in [&scene.analyst[1..], "' OR 1=1 --", &"x".repeat(256)] {
        scene.get_as(wrong, &list).problem(401, "unknown-token");
    }
    assert!(!scene.api.log().contains(&scene.analyst[1..]), "a token is in the log");
    assert!(scene.api.log().contains("without a valid token"), "nobody was told");

    let tokens: Value = serde_json::from_str(&scene.fleet.must(&["token", "list", "--json"])).unwrap();
    let of_viewer = tokens.as_array().unwrap().iter().find(|token| token["holder"] == "viewer").unwrap();
    scene.fleet.run(&["token", "revoke", of_viewer["id"].as_str().unwrap()]);
    wait_until("it is revoked", fleet::LIMIT, || (scene.get_as(&viewer, &list).status == 401).then_some(()));
}

/// Each request for whole numbers is noted before it is answered, and where that cannot be, it is not answered.
fn reasons(url: &str) {
    let scene = Scene::with(url, &records(2));
    let list = format!("/api/v1/calls?{DAYS}&called={CALLED}");
    let id = call(0).id.to_string();
    for reason in ["", "no", " x ", &"x".repeat(201), "a\tb"] {
        let refused = scene.whole_as(&scene.analyst, &list, reason).problem(400, "bad-parameter");
        assert_eq!(refused["parameter"], "Dialplane-Reason", "{reason:?}");
    }
    let refused = scene.get(&format!("{list}&numbers=whole")).problem(400, "bad-parameter");
    assert_eq!(refused["parameter"], "Dialplane-Reason");
    let refused = scene.get(&format!("{list}&numbers=all")).problem(400, "bad-parameter");
    assert_eq!(refused["allowed"], serde_json::json!(["masked", "whole"]));
    assert!(scene.audit().is_empty());

    assert!(scene.whole_as(&scene.analyst, &list, "file 7, é").ok().to_string().contains(CALLED));
    scene.whole_as(&scene.analyst, &format!("/api/v1/calls/{id}"), "file 8").ok();
    scene.whole_as(&scene.analyst, "/api/v1/roots/r-1", "file 9").ok();
    let said = ["--from", "2026-11-21", "--to", "2026-11-23", "--called", CALLED];
    let masked = scene.fleet.must(&[&["calls", "list"], &said[..]].concat());
    assert!(masked.contains("1202555****") && !masked.contains(&CALLED[..8]), "{masked}");
    let whole = ["--numbers", "whole", "--reason", "file 10"];
    assert!(scene.fleet.must(&[&["calls", "list"], &said[..], &whole].concat()).contains(CALLED));
    assert!(scene.fleet.must(&[&["calls", "show", &id], &whole[..]].concat()).contains(CALLED));
    let export = [&["calls", "export", "--format", "csv"], &said[..]].concat();
    assert!(!scene.fleet.must(&export).contains(&CALLED[..8]));
    assert!(scene.fleet.must(&[&export[..], &whole].concat()).contains(CALLED));
    for without in [&["--numbers", "whole"][..], &["--numbers", "whole", "--reason", "no"]] {
        assert_eq!(scene.fleet.run(&[&["calls", "list"], without].concat()).code, 2);
    }

    let audit = scene.audit();
    let of = |key: &str| audit.iter().map(|entry| entry[key].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(of("reason"), ["file 10", "file 10", "file 10", "file 9", "file 8", "file 7, é"]);
    assert!(audit.iter().all(|entry| entry["action"] == "numbers_shown"), "{audit:?}");
    assert!(
        of("actor")[3..].iter().all(|actor| *actor == "api-1") && of("actor")[0] == "somebody",
        "{audit:?}"
    );
    let subjects = of("subject");
    assert!(subjects[5].starts_with("2 calls of GET /api/v1/calls?from=2026-11-21T14:00&"), "{subjects:?}");
    assert!(subjects[5].contains("called=1202555****") && subjects[2].contains("called=1202555****"));
    assert!(subjects[4].starts_with(&format!("1 calls of GET /api/v1/calls/{id}")), "{subjects:?}");
    assert!(!subjects.concat().contains(CALLED), "{subjects:?}");

    scene.fleet.by_hand("DROP TABLE audit");
    let unseen = scene.whole_as(&scene.analyst, &list, "file 11");
    assert!(!unseen.body.to_string().contains(&CALLED[..8]));
    unseen.problem(503, "no-audit");
    let order = format!(
        "{{\"format\":\"csv\",\"numbers\":\"whole\",\"reason\":\"file 11\",\"called\":\"{CALLED}\"}}"
    );
    exports::post(&scene, &scene.analyst, &order).problem(503, "no-audit");
    let said = scene.fleet.run(&[&["calls", "list"], &said[..], &whole].concat());
    assert!(said.code != 0 && !said.out.contains(&CALLED[..8]), "{said:?}");
    scene.get(&list).ok();
}

fn carriers(url: &str) {
    let fleet = Fleet::on(url);
    fleet.must(&["example", "load"]);
    let scene = Scene::of(fleet, &records(3));
    scene.fleet.by_hand(
        "UPDATE calls SET provider_out = (SELECT id FROM providers WHERE providername = 'Westcall'), country = 'US', \
         outcome = 'answered' WHERE decision = 'd-1'",
    );
    let id = scene.fleet.by_hand("SELECT id FROM providers WHERE providername = 'Westcall'");
    let by_id = format!("provider={}", id.trim());
    let found = |query: &str| ids(&scene.get(&format!("/api/v1/calls?{DAYS}&{query}")).ok()["calls"]).len();
    assert_eq!([found(&by_id), found("provider=Westcall"), found("provider_out=WestCall")], [1; 3]);
    assert_eq!([found("country=US"), found("outcome=answered,policy"), found("outcome=policy")], [1, 1, 0]);
    assert_eq!([found("caller=raw:1000"), found("number=raw:%2B12025550100")], [0, 3]);
    for (query, parameter) in
        [("provider=westcal", "provider"), ("provider_in=x%27%20OR%201=1%20--", "provider_in")]
    {
        let unknown = scene.get(&format!("/api/v1/calls?{query}")).problem(400, "bad-parameter");
        assert_eq!(unknown["parameter"], parameter);
        assert_eq!(unknown["allowed"].as_array().unwrap().len(), 5);
        assert!(parameter == "provider_in" || unknown["allowed"][0] == "Westcall", "{unknown}");
    }
    let listed = scene.fleet.must(&[
        "calls",
        "list",
        "--from",
        "2026-11-21",
        "--to",
        "2026-11-23",
        "--provider",
        "Westcall",
    ]);
    assert!(listed.contains("| Westcall | answered | answered |"), "{listed}");
    let unknown = scene.fleet.run(&["calls", "stats", "--provider", "westcal"]);
    assert!(unknown.code == 2 && unknown.err.contains("Westcall"), "{unknown:?}");

    let viewer = token(&scene.fleet, "viewer");
    wait_until("the viewer is known", fleet::LIMIT, || {
        (scene.get_as(&viewer, "/api/v1/calls/stats").status == 200).then_some(())
    });
    let question = format!("{DAYS}&by=provider,day&per=call&zone=Europe/Moscow&provider=Westcall");
    let stats = scene.get_as(&viewer, &format!("/api/v1/calls/stats?{question}")).ok();
    let mut command = vec!["calls".to_owned(), "stats".to_owned(), "--json".to_owned()];
    for pair in question.split('&') {
        let (name, text) = pair.split_once('=').unwrap();
        command.extend([format!("--{name}"), text.to_owned()]);
    }
    let command: Vec<_> = command.iter().map(String::as_str).collect();
    assert_eq!(stats, serde_json::from_str::<Value>(&scene.fleet.must(&command)).unwrap());
    for (query, parameter, one) in [
        ("by=colour", "by", "cause"),
        ("by=day,day", "by", "day"),
        ("by=cause&per=call", "by", "cause"),
        ("per=night", "per", "attempt"),
        ("kind=odd", "kind", "hop"),
        ("zone=Moscow", "zone", "Europe/Moscow"),
        ("caller=12025550100", "caller", "provider"),
    ] {
        let problem = scene.get(&format!("/api/v1/calls/stats?{query}")).problem(400, "bad-parameter");
        assert_eq!(problem["parameter"], parameter);
        assert!(problem["allowed"].as_array().unwrap().contains(&one.into()), "{problem}");
    }
    for query in ["from=2020-01-01&to=2026-01-01", "from=2h&to=3h", "from=1969-01-01", "node=a%20b"] {
        scene.get(&format!("/api/v1/calls/stats?{query}")).problem(400, "bad-parameter");
    }
}

fn ids(calls: &Value) -> Vec<String> {
    calls.as_array().unwrap().iter().map(|call| call["id"].as_str().unwrap().to_owned()).collect()
}

fn pages(url: &str) {
    let scene = Scene::with(url, &records(25));
    for sort in ["start", "-start", "talk", "-end"] {
        let mut path = format!("/api/v1/calls?{DAYS}&zone=Europe/Moscow&limit=7&sort={sort}&number={CALLER}");
        // Midnight is another one in another zone.
        path = path.replace("T14:00", "T17:00");
        let mut found = Vec::new();
        loop {
            let reply = scene.get(&path);
            let head = reply.head.clone();
            let page = reply.ok();
            found.extend(page["calls"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break };
            assert!(head.contains("rel=\"next\"") && page["capped"].is_null(), "{head}");
            next.clone_into(&mut path);
        }
        let sort = format!("--sort={sort}");
        let said = scene.fleet.must(&[
            "calls",
            "list",
            "--from",
            "2026-11-21T17:00",
            "--to",
            "2026-11-23",
            "--zone",
            "Europe/Moscow",
            "--number",
            CALLER,
            "--limit",
            "1000",
            &sort,
            "--json",
        ]);
        let shown: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(found.len(), 25);
        assert_eq!(Value::Array(found), shown);
        assert_eq!(ids(&shown).into_iter().collect::<BTreeSet<_>>().len(), 25);
    }
    let hour = "from=2026-11-21T14:00&to=2026-11-21T15:00";
    let shown = |zone: &str| {
        scene.get(&format!("/api/v1/calls?{hour}&zone={zone}")).ok()["calls"].as_array().unwrap().len()
    };
    assert_eq!((shown("UTC"), shown("Europe/Moscow")), (25, 0));
    let shown = scene.get(&format!("/api/v1/calls?{DAYS}&sort=start&limit=1")).ok();
    assert_eq!(shown["calls"][0]["start"], "2026-11-21T14:00:00.000000Z");
}

fn one_call(url: &str) {
    let mut hop = call(1);
    hop.id.node = "spb".parse().unwrap();
    hop.decision = Some("d-of-hop".into());
    hop.root = call(0).root;
    let scene = Scene::with(url, &[records(1).remove(0), hop.clone()]);
    let id = call(0).id.to_string();
    let shown = scene.get(&format!("/api/v1/calls/{id}?zone=Asia/Kolkata")).ok();
    assert_eq!(
        (&shown["id"], &shown["start"]),
        (&id.as_str().into(), &"2026-11-21T19:30:00.000000+05:30".into())
    );
    assert_eq!(
        (shown["legs"].as_array().unwrap().len(), shown["attempts"].as_array().unwrap().len()),
        (3, 2)
    );
    assert_eq!(shown["attempts"][1]["position"], 2);
    let short = format!("msk/{}", call(0).id.unique_id);
    assert_eq!(scene.get(&format!("/api/v1/calls/{short}")).ok()["id"], id);
    assert_eq!(scene.get(&format!("/api/v1/calls/{}", id.replace('/', "%2F"))).ok()["id"], id);
    let of_root = scene.get("/api/v1/roots/r-0").ok();
    assert_eq!(ids(&of_root["calls"]), [id.clone(), hop.id.to_string()]);

    let show = ["calls", "show", &id, "--zone", "Asia/Kolkata"];
    let masked = scene.fleet.must(&show);
    assert!(
        masked.contains("attempt 2 dials 1202555****@carrier") && !masked.contains(&CALLED[..8]),
        "{masked}"
    );
    let printed = scene.fleet.must(&[&show[..], &["--numbers", "whole", "--reason", "a story"]].concat());
    for text in [
        "2026-11-21T19:30:00.000000+05:30",
        "attempt 2 dials 12025550100@carrier",
        "d-0 of generation 7",
        "r-0",
        "msk/1795269600000000/",
        "spb/1795269601000000/",
        "d-of-hop",
        "answered, by caller, complete",
    ] {
        assert!(printed.contains(text), "no {text} in {printed}");
    }
    assert!(!printed.contains('\x1b') && printed.contains("\\u{1b}[2J"), "{printed}");
    let json: Value = serde_json::from_str(&scene.fleet.must(&[
        "calls",
        "show",
        &short,
        "--json",
        "--zone",
        "Asia/Kolkata",
    ]))
    .unwrap();
    assert_eq!((&json["call"], &json["of_root"][0]["id"]), (&shown, &hop.id.to_string().into()));

    let listed = scene.fleet.must(&[
        "calls",
        "list",
        "--from",
        "2026-11-21",
        "--to",
        "2026-11-22",
        "--disposition",
        "answered,busy",
    ]);
    assert!(
        listed.contains("| 2026-11-21 14:00:00 |") && listed.contains(&id) && !listed.contains('\x1b'),
        "{listed}"
    );

    scene.get("/api/v1/calls/msk/17/x").problem(404, "no-such-call");
    scene.get("/api/v1/roots/r-17").problem(404, "no-such-root");
    let bad = scene.get("/api/v1/calls/nonsense").problem(400, "bad-parameter");
    assert_eq!(bad["parameter"], "id");
    assert_eq!(scene.fleet.run(&["calls", "show", "msk/17/x"]).code, 1);
    assert_eq!(scene.fleet.run(&["calls", "show", "nonsense"]).code, 2);
}

fn bad_questions() {
    let scene = Scene::with(&sqlite(), &records(3));
    let list = |query: &str| scene.get(&format!("/api/v1/calls?{query}"));
    for (query, parameter, one) in [
        ("sort=colour", "sort", "-start"),
        ("colour=red", "colour", "disposition"),
        ("zone=Moscow", "zone", "Europe/Moscow"),
        ("disposition=odd", "disposition", "no_answer"),
    ] {
        let problem = list(query).problem(400, "bad-parameter");
        assert_eq!(problem["parameter"], parameter);
        assert!(problem["allowed"].as_array().unwrap().contains(&one.into()), "{problem}");
    }
    for query in
        ["limit=0", "cursor=x", "from=soon", "sip=486&sip=487", "root=%FF&cause=1000", "from=1h&to=2h"]
    {
        list(query).problem(400, "bad-parameter");
    }
    let next = list(&format!("{DAYS}&limit=1")).ok()["next"].as_str().unwrap().to_owned();
    scene.get(&next.replace("limit=1", "limit=2")).ok();
    let of_another = scene.get(&format!("{next}&sip=200")).problem(400, "bad-parameter");
    assert_eq!(of_another["parameter"], "cursor");
    let capped = list("from=2026-01-01").ok();
    assert!(capped["capped"].as_str().unwrap().contains("31 days"), "{capped}");
    assert_eq!(capped["to"], "2026-02-01T00:00:00.000000Z");
    scene.get("/api/v1/calls/msk/1/x?colour=red").problem(400, "bad-parameter");

    for (arguments, what) in [
        (&["--sort", "colour"][..], "-start"),
        (&["--disposition", "odd"], "no_answer"),
        (&["--zone", "Moscow"], "and "),
        (&["--colour", "red"], "--colour"),
        (&["--caller", "12a"], "--caller"),
    ] {
        let said = scene.fleet.run(&[&["calls", "list"], arguments].concat());
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains(what), "{said:?}");
    }
    let said = scene.fleet.run(&["calls", "list", "--from", "2026-01-01"]);
    assert!(said.code == 0 && said.err.contains("31 days"), "{said:?}");
    let said =
        scene.fleet.run(&["calls", "list", "--from", "2026-11-21", "--to", "2026-11-22", "--limit", "1"]);
    assert!(said.err.contains("there are more"), "{said:?}");
}

/// Every path of the document answers, and what it answers has the document's form.
fn document() {
    let scene = Scene::with(&sqlite(), &records(2));
    let document = request(&scene.api, "GET /api/v1/openapi.json HTTP/1.1\r\n").ok();
    assert_eq!(document["openapi"], "3.1.0");
    let page = request(&scene.api, "GET /api/v1 HTTP/1.1\r\n");
    assert!(page.status == 200 && page.head.contains("text/html"), "{}", page.head);
    let id = call(0).id.to_string();
    let order = r#"{"format":"csv","from":"2026-11-21","to":"2026-11-22"}"#;
    let ordered = exports::post(&scene, &scene.analyst, order);
    assert_eq!(ordered.status, 202, "{}", ordered.body);
    let schema = |method: &str, path: &str, status: &str| {
        document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"].clone()
    };
    check(&document, &schema("post", "/api/v1/exports", "202"), &ordered.body, "an order");
    let job = exports::wait_over(&scene, &ordered.body);
    let job = job["id"].as_str().unwrap();
    for (path, operation) in document["paths"].as_object().unwrap() {
        let id = if path.contains("/exports/") { job } else { &id };
        let real = path.replace("{id}", id).replace("{root}", "r-0").replace("{format}", "plain");
        let query = match path.as_str() {
            "/api/v1/calls" | "/api/v1/calls/stats" => format!("?{DAYS}"),
            "/api/v1/calls/{id}" => "?explain=true".to_owned(),
            "/api/v1/calls/export" => format!("?format=csv&{DAYS}"),
            _ => String::new(),
        };
        if operation["get"]["responses"]["200"]["content"]["application/vnd.apache.parquet"].is_object() {
            let file = scene.get(&format!("{real}{query}"));
            assert!(file.status == 200 && file.head.contains("content-type: text/csv"), "{}", file.head);
            request(&scene.api, &format!("GET {real} HTTP/1.1\r\n")).problem(401, "no-token");
            continue;
        }
        let schema = &operation["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let answer = scene.get(&format!("{real}{query}"));
        if schema.is_null() {
            // A file, which is not for analysts.
            answer.problem(403, "forbidden");
        } else {
            check(&document, schema, &answer.ok(), path);
        }
        let refused = request(&scene.api, &format!("GET {real} HTTP/1.1\r\n")).problem(401, "no-token");
        check(
            &document,
            &operation["get"]["responses"]["401"]["content"]["application/problem+json"]["schema"],
            &refused,
            path,
        );
        let token = &scene.analyst;
        let head = format!("PUT {real} HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n");
        request(&scene.api, &head).problem(405, "no-such-method");
    }
    request(&scene.api, "GET /api/v2/calls HTTP/1.1\r\n").problem(404, "no-such-path");
}

/// Objects have the keys of their schema, no more and no fewer; what they refer to likewise.
pub(super) fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return check(document, &document["components"]["schemas"][name], value, &format!("{at} {name}"));
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let object = choices.iter().find(|choice| choice["type"] != "null").unwrap();
        if !value.is_null() {
            check(document, object, value, at);
        }
        return;
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value} is none of {words:?}");
    }
    match value {
        Value::Object(cells) => {
            let properties = schema["properties"].as_object().unwrap_or_else(|| panic!("{at}: {schema}"));
            for (key, cell) in cells {
                let schema =
                    properties.get(key).unwrap_or_else(|| panic!("{at}: {key} is not in the document"));
                check(document, schema, cell, &format!("{at}.{key}"));
            }
            let required = schema["required"].as_array().unwrap();
            assert!(required.iter().all(|key| cells.contains_key(key.as_str().unwrap())), "{at}: {value}");
        }
        Value::Array(items) => items.iter().for_each(|item| check(document, &schema["items"], item, at)),
        _ => {
            let name = match value {
                Value::String(_) => "string",
                Value::Number(number) if number.is_f64() => "number",
                Value::Number(_) => "integer",
                Value::Bool(_) => "boolean",
                _ => "null",
            };
            let types = &schema["type"];
            let fits = *types == name || types.as_array().is_some_and(|types| types.contains(&name.into()));
            assert!(fits || schema["enum"].is_array(), "{at}: {value} is no {types}");
        }
    }
}

fn away() {
    let fleet = Fleet::on("postgres://nobody@127.0.0.1:9/nowhere");
    let api = fleet.api("nowhere", &[]);
    let reply = request(&api, "GET /api/v1/calls HTTP/1.1\r\nAuthorization: Bearer dpa_00\r\n");
    assert!(reply.head.contains("retry-after: "), "{}", reply.head);
    reply.problem(503, "database-away");
    // Whoever shows no token costs nothing.
    request(&api, "GET /api/v1/calls HTTP/1.1\r\n").problem(401, "no-token");
}

fn limits() {
    let scene = Scene::with(&sqlite(), &[]);
    let long = "x".repeat(9_000);
    scene.get(&format!("/api/v1/calls?root={long}")).problem(414, "long-query");
    let few = scene.fleet.api("few", &[("API__CONNECTIONS_MAX", "1")]);
    let held = std::net::TcpStream::connect(("127.0.0.1", few.api_port())).unwrap();
    let metric = |name: &str| wait_until(name, fleet::LIMIT, || few.metrics().contains(name).then_some(()));
    metric("dialplane_api_connections 1");
    let refused = std::net::TcpStream::connect(("127.0.0.1", few.api_port())).unwrap();
    metric("dialplane_api_connections_refused_total 1");
    drop((held, refused));
    metric("dialplane_api_connections 0");
    wait_until("there is room again", fleet::LIMIT, || {
        std::thread::sleep(Duration::from_millis(50));
        (request(&few, "GET /api/v1/openapi.json HTTP/1.1\r\n").status == 200).then_some(())
    });
    scene.get("/api/v1/calls").ok();
    scene.get("/api/v1/calls?sort=odd").problem(400, "bad-parameter");
    let metrics = scene.api.metrics();
    for line in [
        "dialplane_api_requests_total{path=\"/api/v1/calls\",status=\"200\"} 1",
        "dialplane_api_requests_total{path=\"/api/v1/calls\",status=\"400\"} 1",
        "dialplane_api_refusals_total{reason=\"bad_parameter\"} 1",
        "dialplane_api_refusals_total{reason=\"long_query\"} 1",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
    assert!(!metrics.contains("xxxx"));
}
