//! What each kind of question is answered with.

use router::Credentials;

use crate::common::{TOKEN, article, empty, question, serving};

#[test]
fn a_route_is_answered_with_everything_a_dialplan_needs() {
    let reply = serving(&article()).ask("outbound", &question("&to=%2B74957777777"));
    assert_eq!(reply["status"], "ok");
    assert_eq!(reply["count"], "4");
    assert_eq!(reply["dial2"], "SIP/sip_peer_msm_2301/+74957777777");
    assert_eq!((&*reply["kind1"], &*reply["cid1"], &*reply["pres1"]), ("carrier", "74951815000", "allowed"));
    assert_eq!((&*reply["tmo1"], &*reply["stop1"]), ("60", "s486,s600,s603,s404,s484,s480,rang,q17,q19"));
    assert_eq!((&*reply["then"], &*reply["cause"]), ("hangup", "34"));
    assert_eq!(reply["id"], reply["root"]);
    assert!(reply["id"].starts_with(&format!("{}-", reply["gen"])));
    assert!(!reply.contains_key("dial5"));
}

#[test]
fn ids_are_unique() {
    let rig = serving(&article());
    let ids: Vec<_> =
        (0..100).map(|_| rig.ask("outbound", &question("&to=84957777777"))["id"].clone()).collect();
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
}

#[test]
fn every_failure_is_a_status_with_reason_and_cause() {
    let rig = serving(&article());
    let fields = "&to=84957777777";
    let long = format!("&to={}", "9".repeat(600));
    let cases = [
        ("dance", question(fields), "bad_request", "unknown_verb", "38"),
        ("outbound", question("&to=1&to=2"), "bad_request", "duplicate_field", "38"),
        ("outbound", question(&long), "bad_request", "field_too_long", "38"),
        ("outbound", question("&to=84957777777&class=gold"), "bad_request", "bad_class", "38"),
        ("outbound", question("&to=500%26PJSIP/x"), "reject", "not_a_number", "28"),
        ("outbound", question(""), "reject", "not_a_number", "28"),
        ("outbound", question("&to=84957777777&cli=x"), "reject", "bad_caller_id", "21"),
        ("outbound", "node=asterisk-macomnet&to=1".into(), "reject", "unauthorized", "21"),
        ("outbound", format!("node=asterisk-msm&token={TOKEN}&to=1"), "reject", "unauthorized", "21"),
        ("outbound", format!("token={TOKEN}&endpoint=evil&to=1"), "reject", "unknown_endpoint", "21"),
    ];
    for (verb, question, status, reason, cause) in cases {
        let reply = rig.ask(verb, &question);
        let told = (&*reply["status"], &*reply["reason"], &*reply["cause"]);
        assert_eq!(told, (status, reason, cause), "{verb} {question}");
        assert!(!reply.contains_key("count") && !reply.contains_key("dial1"));
        assert!(rig.metric(&format!("refusals_total{{reason=\"{reason}\"}}")), "{reason} is not counted");
    }
}

#[test]
fn without_a_configuration_the_router_is_not_ready() {
    let reply = empty().ask("outbound", &question("&to=84957777777"));
    assert_eq!((&*reply["status"], &*reply["reason"]), ("not_ready", "no_configuration"));
}

#[test]
fn a_node_may_prove_itself_by_http_basic() {
    let rig = serving(&article());
    let ask = |node: &str, token: &str| {
        let credentials = Credentials { node: node.into(), token: token.into() };
        let question = b"node=asterisk-macomnet&endpoint=1000&to=84957777777";
        rig.service.answer("outbound", question, Some(&credentials)).http_status
    };
    assert_eq!(ask("asterisk-macomnet", TOKEN), 200);
    assert_eq!(ask("asterisk-msm", TOKEN), 401);
    assert_eq!(ask("asterisk-macomnet", "guess"), 401);
}

#[test]
fn a_hangup_report_is_counted_and_asks_nothing() {
    let rig = serving(&article());
    let reply = rig.ask("hangup", &question("&dialstatus=BUSY&cause=17&sip=486"));
    assert_eq!((reply.len(), &*reply["status"]), (1, "ok"));
    rig.ask("hangup", &question("&dialstatus=%22evil%22"));
    assert!(rig.metric("hangups_total{dialstatus=\"BUSY\"} 1"));
    assert!(rig.metric("hangups_total{dialstatus=\"other\"} 1"));
}

#[test]
fn a_question_is_answered_from_one_snapshot_and_the_next_from_the_next() {
    let mut rig = serving(&article());
    let mut tables = article();
    tables.providers.iter_mut().for_each(|provider| provider.append_plus = true);
    let next = routing::Snapshot::compile(
        tables.clone().into(),
        routing::Generation::of_working_copy(tables.fingerprint()),
    );
    let before = rig.ask("outbound", &question("&to=84957777777"));
    rig.publisher.publish(next.unwrap());
    let after = rig.ask("outbound", &question("&to=84957777777"));
    assert_ne!(before["gen"], after["gen"]);
    assert_eq!(after["dial1"], "SIP/westcall/+74957777777");
}

#[test]
fn an_incoming_call_is_answered_by_where_it_comes_from() {
    let rig = serving(&article());
    let ask = |source: &str| rig.ask("inbound", &format!("{}&source={source}&to=74951815000", question("")));
    assert_eq!((&*ask("195.94.225.2")["status"], &*ask("195.94.225.2")["dial1"]), ("ok", "SIP/1000"));
    for stranger in ["203.0.113.9", "", "westcall", "195.94.225.2:5060"] {
        assert_eq!(ask(stranger)["reason"], "unknown_source", "{stranger}");
    }
}

#[test]
fn a_hop_keeps_the_root_and_says_what_to_ask() {
    let rig = serving(&article());
    let from_phone = format!("node=asterisk-macomnet&token={TOKEN}&endpoint=1000&to=1001");
    let first = rig.ask("outbound", &from_phone);
    assert_eq!((&*first["kind1"], &*first["dial1"], &*first["ask1"]), ("hop", "IAX2/msm/1001", "inbound"));
    assert_eq!(first["hop1"], format!("{}.1.1", first["root"]));
    // What asterisk-macomnet asks about a call that asterisk-msm handed over with the root of another decision.
    let handed_over =
        format!("node=asterisk-macomnet&token={TOKEN}&endpoint=msm&hop=w0-1-9.2.1&to=1000&from=1001");
    let second = rig.ask("inbound", &handed_over);
    assert_eq!((&*second["status"], &*second["root"], &*second["cid1"]), ("ok", "w0-1-9", "1001"));
    assert_ne!(second["id"], second["root"]);
}

#[test]
fn a_hop_from_anybody_else_is_ignored_and_counted() {
    let rig = serving(&article());
    let reply = rig.ask("outbound", &format!("{}&hop=w0-1-9.2.1&to=84957777777", question("")));
    assert_eq!((&*reply["status"], &reply["root"]), ("ok", &reply["id"]));
    assert!(rig.metric("hops_ignored_total 1"));
}

#[test]
fn the_version_of_the_dialplan_is_counted() {
    let rig = serving(&article());
    let asked = question("&to=84957777777");
    for dp in ["&dp=1", "&dp=1", "&dp=0", "&dp=2", "", "&dp=%22%7D"] {
        rig.ask("outbound", &asked.replace("&dp=1", dp));
    }
    for (version, count) in [("current", 2), ("older", 1), ("newer", 1), ("unknown", 2)] {
        let line = format!("dialplans_total{{node=\"asterisk-macomnet\",version=\"{version}\"}} {count}");
        assert!(rig.metric(&line), "{line}");
    }
    // Who has not proved its name is no node.
    rig.ask("outbound", "node=asterisk-msm&token=guess&dp=2&to=1");
    assert!(!rig.metric("node=\"asterisk-msm\""));
}

#[test]
fn operators_have_decisions_explained_and_nobody_else() {
    let mut tables = article();
    for (id, role) in [(1, "operator"), (2, "analyst")] {
        tables.api_tokens.push(routing::tables::ApiToken {
            id: domain::ApiTokenId(id),
            role: role.parse().unwrap(),
            token_sha256: crate::common::sha256(role),
            comment: None,
        });
    }
    let rig = serving(&tables);
    let asked = b"verb=outbound&node=asterisk-macomnet&endpoint=1000&to=84957777777";
    let explained = rig.service.explain(asked, Some("operator"));
    assert_eq!(explained.http_status, 200);
    let live = rig.ask("outbound", &question("&to=84957777777"));
    for part in ["\"position\":1", "\"dropped\":\"number_provider_only\"", &live["dial1"]] {
        assert!(explained.line.contains(part), "{part} in {}", explained.line);
    }
    for stranger in [Some("analyst"), Some("guess"), Some(TOKEN), None] {
        assert_eq!(rig.service.explain(asked, stranger).http_status, 401, "{stranger:?}");
    }
}
