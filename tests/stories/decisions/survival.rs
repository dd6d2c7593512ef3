//! A database that is away, and a router that is killed meanwhile, cost no decision and double none.

use std::{collections::BTreeSet, thread};

use journal::{Entry, Position, Reader};
use laboratory::{
    asking::Line,
    away::{Begin, Fault, Frail},
    fleet::{Fleet, LIMIT, Member, question},
    router::say,
    tables, wait_until,
};
use libtest_mimic::Trial;
use store::{Options, Store};

use super::super::{count, on_every_database, records::LOOK};
use crate::store::{call_lists::write_all, sample_calls};

const WAITING: &str = "decisions wait in the journal";
const NODE: &str = "ast22";
const LINES: usize = 4;

pub(crate) fn trials() -> Vec<Trial> {
    let faults: [(&str, Begin); 3] = [
        ("stopped::postgres", || Frail::postgres(Fault::Stopped)),
        ("hung::mariadb", || Frail::mariadb(Fault::Hung)),
        ("locked::sqlite", Frail::sqlite),
    ];
    let away = faults.into_iter().map(|(name, database)| {
        Trial::test(format!("decisions::survival::none_is_lost_while_it_is::{name}"), move || {
            let (url, database) = database();
            none_is_lost(&url, database);
            Ok(())
        })
    });
    let explained =
        on_every_database("decisions::a_decision_is_explained_as_long_as_its_generation_is_kept", explained);
    away.chain(explained).collect()
}

/// An installation with the laboratory's data.
fn scene(url: &str) -> Fleet {
    let fleet = Fleet::on(url).with("ROUTER__DEADLINE_MS", "10000").with("ROUTER__KEEP_ALIVE_S", "300");
    let imported = fleet.import(&tables::common());
    assert_eq!(imported.code, 0, "{imported:?}");
    fleet
}

/// Asks so many times over several lines; the ids of the decisions.
fn ask(port: u16, times: usize) -> BTreeSet<String> {
    let number = tables::DECIDED.number(NODE, 1);
    let form = &question(NODE, "1031", &number);
    thread::scope(|scope| {
        let lines: Vec<_> = (0..LINES)
            .map(|_| {
                scope.spawn(move || {
                    let mut line = Line::open(port).unwrap();
                    let answers = (0..times / LINES).map(|_| line.ask(form).unwrap());
                    let id = |answer: laboratory::asking::Answer| {
                        assert_eq!((answer.get("status"), answer.get("count")), ("ok", "2"));
                        answer.get("id").to_owned()
                    };
                    answers.map(id).collect::<BTreeSet<_>>()
                })
            })
            .collect();
        lines.into_iter().flat_map(|line| line.join().expect("every question is answered")).collect()
    })
}

fn none_is_lost(url: &str, mut database: Frail) {
    let fleet = scene(url);
    let mut router = fleet.member("router", Fleet::fresh_port());
    router.start();
    router.wait_ready();
    let times = count(1_000, 50_000);
    let mut ids = ask(router.port, times);
    wait_stored(&fleet, &ids);

    database.take_away();
    ids.extend(ask(router.port, times));
    router.wait_says(WAITING);
    wait_kept(&router, &ids);
    router.kill();
    router.start();
    router.wait_ready();
    ids.extend(ask(router.port, times));
    router.wait_says(WAITING);
    database.bring_back();
    wait_stored(&fleet, &ids);
    router.wait_silent(WAITING);
    // A stop leaves nothing behind, and a start does nothing again.
    ids.extend(ask(router.port, 40));
    router.stop();
    router.start();
    wait_stored(&fleet, &ids);
    let log = router.log();
    assert!(!log.contains(&tables::DECIDED.number(NODE, 1)), "a whole number was logged: {log}");
}

/// Each once, with its two attempts.
fn wait_stored(fleet: &Fleet, ids: &BTreeSet<String>) {
    let wanted = format!("{0} {0} {1}", ids.len(), 2 * ids.len());
    let sql = "SELECT (SELECT count(*) FROM decisions), (SELECT count(DISTINCT id) FROM decisions), \
               (SELECT count(*) FROM decision_attempts)";
    wait_until(&format!("{wanted} decisions and attempts"), LIMIT, || {
        // Each look is a program of its own.
        thread::sleep(LOOK);
        (fleet.by_hand(sql).replace(['|', '\t'], " ") == wanted).then_some(())
    });
    let stored: BTreeSet<_> = fleet.by_hand("SELECT id FROM decisions").lines().map(str::to_owned).collect();
    assert!(stored == *ids, "what was answered is what is stored");
}

/// Waits until what was decided is on disk.
fn wait_kept(router: &Member, ids: &BTreeSet<String>) {
    wait_until("the last decision is in the journal", LIMIT, || {
        let mut reader = Reader::open(&router.decisions(), Position(1)).unwrap();
        let entries = std::iter::from_fn(|| reader.read().unwrap());
        let records = entries.filter(|entry| matches!(entry, Entry::Record(_))).count();
        (records >= ids.len()).then_some(())
    });
}

fn explained(url: &str) {
    let fleet = scene(url);
    let router = fleet.router("router");
    let ids = ask(router.port, LINES);
    let id = ids.first().unwrap().as_str();
    wait_stored(&fleet, &ids);
    let shown = |more: &[&str]| fleet.run(&[&["decisions", "show", id], more].concat());
    let plain = shown(&[]);
    assert_eq!((plain.code, plain.out.contains("refuses-503")), (0, true), "{plain:?}");
    // What calls are routed by meanwhile is another thing.
    fleet.must(&["rows", "set", "providers", "1", "append_plus=true"]);
    let again = shown(&["--explain"]);
    assert!(again.code == 0 && again.out.contains("decided again, the same:"), "{again:?}");
    let json: serde_json::Value = serde_json::from_str(&shown(&["--explain", "--json"]).out).unwrap();
    assert_eq!((&json["id"], &json["again"]["same"]), (&id.into(), &true.into()), "{json}");
    assert_eq!(json["answer"]["attempts"][0]["dial"], json["again"]["attempts"][0]["dial"]);
    let listed = |more: &[&str]| {
        let out = fleet.must(&[&["decisions", "list", "--json"], more].concat());
        serde_json::from_str::<Vec<serde_json::Value>>(&out).unwrap().len()
    };
    assert_eq!((listed(&[]), listed(&["--limit", "1"])), (LINES, 1));
    assert_eq!((listed(&["--status", "reject"]), listed(&["--node", NODE, "--since", "2h"])), (0, LINES));
    assert!(fleet.must(&["decisions", "list"]).contains(id));

    let call = calls_are_explained(&fleet, id);

    fleet.by_hand("DELETE FROM generations WHERE number = 1");
    let gone = fleet.must(&["calls", "show", &call, "--explain"]);
    assert!(gone.contains("generation 1, which it was decided by, is kept no longer"), "{gone}");
    let gone = shown(&["--explain"]);
    assert!(
        gone.code == 1 && gone.err.contains("generation 1, which it was decided by, is kept no longer"),
        "{gone:?}"
    );
    assert!(gone.out.contains("refuses-503"), "what was decided is known all the same: {gone:?}");
    let unknown = fleet.run(&["decisions", "show", "1-0-0"]);
    assert_eq!((unknown.code, &*unknown.err), (1, "dialplane: there is no decision `1-0-0`\n"));
    assert_eq!(fleet.run(&["decisions", "list", "--since", "yesterday"]).code, 2);
}

/// A call is explained by its decision, on the command line and over HTTP; its id.
fn calls_are_explained(fleet: &Fleet, decision: &str) -> String {
    let mut record = sample_calls::call(1);
    (record.decision, record.root) = (Some(decision.into()), Some(decision.into()));
    // The second attempt was decided by a router that kept nothing.
    record.attempts[0].decision = Some(decision.into());
    record.attempts[1].decision = Some("9-nobody-1".into());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::connect(&fleet.url, Options { acquire_timeout: LIMIT, ..Options::default() })
            .await
            .unwrap();
        write_all(&store, std::slice::from_ref(&record)).await;
        store.close().await;
    });
    let id = record.id.to_string();
    let show = ["calls", "show", &id, "--explain"];
    let printed = fleet.must(&show);
    assert!(
        printed.contains("made again, the same:") && printed.contains("not in the table of decisions"),
        "{printed}"
    );
    let shown: serde_json::Value =
        serde_json::from_str(&fleet.must(&[&show[..], &["--json"]].concat())).unwrap();
    let explanations = &shown["call"]["explanations"];
    assert_eq!(
        (&explanations[0]["same"], &explanations[0]["generation"]),
        (&true.into(), &1.into()),
        "{shown}"
    );
    assert!(!explanations[0]["again"]["explanation"]["candidates"].as_array().unwrap().is_empty());
    assert!(explanations[1]["same"].is_null() && explanations[1]["again"].is_null(), "{shown}");

    let token = fleet.must(&["token", "create", "--role", "analyst"]).trim().to_owned();
    let api = fleet.api("explaining", &[]);
    let get = |path: &str| {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        let answer = say(api.api_port(), &head);
        serde_json::from_str::<serde_json::Value>(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    assert_eq!(get(&format!("/api/v1/calls/{id}?explain=true")), shown["call"]);
    assert_eq!(get(&format!("/api/v1/roots/{decision}?explain=true"))["calls"][0], shown["call"]);
    assert!(get(&format!("/api/v1/calls/{id}"))["explanations"].is_null());
    id
}
