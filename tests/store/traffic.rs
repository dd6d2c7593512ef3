//! Roll-ups beside the rows they are of.

use std::collections::{BTreeMap, BTreeSet};

use calls::{AttemptRecord, CallRecord, CallUpdate, Disposition, Flaw};
use store::{Closed, Place, ReportRow, Store};
use traffic::{
    Column, Dimension, Kind, Outcome, Per, Period, QUARTER_US, Quarter, Question, Rule, Rules, Zone,
};

use crate::stories::count;

use super::{
    call_records::write,
    database::Database,
    sample_calls::{NOW_US, call, ended, id, node},
    sample_traffic::{
        HOURS, expect, generated, generated_in_lots, insert_decisions, mark_decisions, write_generated,
    },
};

fn period() -> Period {
    Period { from_us: NOW_US, to_us: NOW_US + HOURS * 4 * QUARTER_US, capped: false }
}

pub(super) fn asked(per: Per, by: &[Dimension], zone: &str) -> Question {
    let (kinds, zone) = (Kind::ALL.to_vec(), Zone::named(zone).unwrap());
    Question { period: period(), per, by: by.to_vec(), kinds, node: None, provider: None, zone }
}

/// Sums up until nothing is marked; tells how many quarters that were.
pub(super) async fn close_all(store: &Store) -> usize {
    let mut closed = 0;
    loop {
        store.follow_outcome_rules().await.unwrap();
        let places = store.marked_quarters(1_000).await.unwrap();
        if places.is_empty() {
            return closed;
        }
        for place in places {
            let became = store.close_quarter(&place).await.unwrap();
            closed += usize::from(matches!(became, Closed::Summed { .. }));
        }
    }
}

/// A row as independent SQL writes it.
fn line(row: &ReportRow) -> String {
    let cells = row.cells.iter().map(|cell| match cell {
        store::ReportCell::Text(text) => text.to_string(),
        store::ReportCell::Number(number) => number.to_string(),
    });
    let sums = &row.sums;
    let outcomes = Outcome::ALL.map(|outcome| sums.of_outcome(outcome));
    let sums = [sums.attempts()].into_iter().chain(outcomes).chain([sums.talk_us, sums.pdd_us]);
    cells.chain(sums.map(|sum| sum.to_string())).collect::<Vec<_>>().join("|")
}

pub(super) async fn lines(store: &Store, question: &Question) -> Vec<String> {
    let report = store.traffic(question).await.unwrap();
    assert!(!report.cut && report.marked.is_none());
    let mut lines: Vec<_> = report.rows.iter().map(line).collect();
    lines.sort();
    lines
}

/// What follows the columns of an answer, from rows of calls or attempts with an `outcome`.
pub(super) fn sums(talk: &str, pdd: &str) -> String {
    let of = |outcome| format!(" || '|' || SUM(CASE WHEN outcome = '{outcome}' THEN 1 ELSE 0 END)");
    let outcomes = Outcome::ALL.map(of).concat();
    format!("COUNT(*){outcomes} || '|' || COALESCE(SUM({talk}), 0) || '|' || COALESCE(SUM({pdd}), 0)")
}

/// Attempts with what their decisions say, looked up by the database itself.
pub(super) const ATTEMPTS: &str = "(SELECT a.node, COALESCE(c.direction, '') AS direction, a.call_created_us AS at_us, \
     COALESCE(t.kind, 'unknown') AS kind, COALESCE(t.provider, 0) AS provider, COALESCE(d.country, '') AS country, \
     COALESCE(t.prefix, '') AS prefix, COALESCE(a.cause, -1) AS cause, COALESCE(a.sip, -1) AS sip, \
     COALESCE(a.dialstatus, '') AS dialstatus, a.outcome, a.end_us - a.answer_us AS talk_us, \
     COALESCE(a.ring_us, a.answer_us) - a.start_us AS pdd_us FROM call_attempts a \
     JOIN calls c ON c.node = a.node AND c.created_us = a.call_created_us AND c.unique_id = a.call_unique_id \
     LEFT JOIN decisions d ON d.id = a.decision \
     LEFT JOIN decision_attempts t ON t.decision = a.decision AND t.position = a.decision_attempt) AS attempts";

pub(super) const CALLS: &str = "(SELECT node, COALESCE(direction, '') AS direction, created_us AS at_us, \
     COALESCE(CASE WHEN direction = 'inbound' THEN provider_in ELSE provider_out END, 0) AS provider, \
     COALESCE(country, '') AS country, outcome, talk_us, \
     COALESCE(first_ring_us, answer_us) - start_us AS pdd_us FROM calls) AS calls_told";

pub(super) async fn by_sql(database: &Database, from: &str, columns: &[&str], sums: &str) -> Vec<String> {
    let keys: Vec<_> = columns.iter().map(|column| format!("{column} || '|' || ")).collect();
    let keys = keys.concat();
    let group = if columns.is_empty() { String::new() } else { format!(" GROUP BY {}", columns.join(", ")) };
    let mut lines = database.texts(&format!("SELECT {keys}{sums} FROM {from}{group}")).await;
    lines.sort();
    lines
}

pub(super) async fn every_report_equals_the_rows(database: Database) {
    use Dimension::{Cause, Country, Day, Direction, Hour, Kind, Node, Prefix, Provider};

    let database = database.with_tables().await;
    let store = &database.store;
    let calls = i64::try_from(count(10_000, 1_000_000)).unwrap();
    let mut expected = Outcome::ALL.map(|outcome| (outcome, 0)).into();
    for lot in generated_in_lots(calls, HOURS) {
        insert_decisions(&database, &lot).await;
        write_generated(store, &lot).await;
        expect(&lot, &mut expected);
    }
    mark_decisions(&database).await;
    assert!(close_all(store).await >= 80);
    assert_eq!(close_all(store).await, 0, "nothing is left to do");

    // What each attempt became is what its maker had in mind.
    let all = store.traffic(&asked(Per::Attempt, &[], "UTC")).await.unwrap();
    for outcome in Outcome::ALL {
        assert_eq!(all.rows[0].sums.of_outcome(outcome), expected[&outcome], "{outcome}");
    }

    let hour = |offset_us: i64| format!("(at_us - (at_us + {offset_us}) % 3600000000)");
    let day = |offset_us: i64| format!("(at_us + {offset_us} - (at_us + {offset_us}) % 86400000000)");
    let (kolkata, moscow) = (19_800_000_000, 10_800_000_000);
    let of_attempts = sums("talk_us", "pdd_us");
    for (by, zone, columns) in [
        (&[][..], "UTC", vec![]),
        (&[Provider], "UTC", vec!["provider".to_owned()]),
        (
            &[Node, Direction, Kind, Provider, Country, Prefix],
            "UTC",
            ["node", "direction", "kind", "provider", "country", "prefix"].map(str::to_owned).to_vec(),
        ),
        (&[Hour, Node], "Asia/Kolkata", vec![hour(kolkata), "node".to_owned()]),
        (&[Day, Prefix], "Europe/Moscow", vec![day(moscow), "prefix".to_owned()]),
    ] {
        let columns: Vec<_> = columns.iter().map(String::as_str).collect();
        let told = lines(store, &asked(Per::Attempt, by, zone)).await;
        assert_eq!(told, by_sql(&database, ATTEMPTS, &columns, &of_attempts).await, "{by:?}");
    }
    for (by, columns) in [
        (&[][..], &[][..]),
        (&[Node, Direction, Provider, Country], &["node", "direction", "provider", "country"]),
    ] {
        let told = lines(store, &asked(Per::Call, by, "UTC")).await;
        let talk = "CASE WHEN outcome = 'answered' THEN talk_us END";
        assert_eq!(told, by_sql(&database, CALLS, columns, &sums(talk, "pdd_us")).await, "{by:?}");
    }
    let causes = store.traffic(&asked(Per::Attempt, &[Provider, Cause], "UTC")).await.unwrap();
    let mut told: Vec<_> = causes.rows.iter().map(line_of_cause).collect();
    told.sort();
    let columns = ["provider", "cause", "sip", "dialstatus", "outcome"];
    assert_eq!(told, by_sql(&database, ATTEMPTS, &columns, "COUNT(*)").await);
    let refusals: i64 = causes.refusals.iter().map(|refusal| refusal.refusals).sum();
    let refused = "decisions WHERE status NOT IN ('ok', 'goto', 'redirect', 'echo')";
    assert_eq!(u64::try_from(refusals).unwrap(), database.count(refused).await);
    assert!(refusals > 0 && causes.refusals.iter().any(|refusal| refusal.reason.is_empty()));

    // One carrier's, of one node.
    let mut some = asked(Per::Attempt, &[Kind], "UTC");
    (some.node, some.provider, some.kinds) = (Some("msk".into()), Some(2), vec![traffic::Kind::Carrier]);
    let rows = "call_attempts WHERE node = 'msk' AND provider = 2 AND kind = 'carrier'";
    let told = store.traffic(&some).await.unwrap();
    assert_eq!(u64::try_from(told.rows[0].sums.attempts()).unwrap(), database.count(rows).await);
    assert!(told.rows.len() == 1 && told.refusals.iter().all(|refusal| refusal.node == "msk"));
}

fn line_of_cause(row: &ReportRow) -> String {
    let cells = row.cells.iter().map(|cell| match cell {
        store::ReportCell::Text(text) => text.to_string(),
        store::ReportCell::Number(number) => number.to_string(),
    });
    cells.chain([row.sums.attempts().to_string()]).collect::<Vec<_>>().join("|")
}

/// Everything that is summed up, as text.
pub(super) async fn dump(database: &Database) -> BTreeSet<String> {
    let sums = traffic::Sums::COLUMNS.join(" || '|' || ");
    let keys = "quarter_us || '|' || node || '|' || direction || '|' || kind || '|' || provider || '|' || country \
         || '|' || prefix";
    let (of_carriers, of_hours) = (
        "quarter_us || '|' || node || '|' || direction || '|' || kind || '|' || provider",
        "hour_us || '|' || direction || '|' || kind || '|' || provider || '|' || country || '|' || prefix",
    );
    let mut all = BTreeSet::new();
    for per in ["attempts", "calls"] {
        for (layer, keys) in [("carriers", of_carriers), ("hours", of_hours)] {
            let sql =
                format!("SELECT '{per} {layer}|' || {keys} || '|' || {sums} FROM traffic_{per}_{layer}");
            all.extend(database.texts(&sql).await);
        }
    }
    for sql in [
        format!("SELECT 'attempts|' || {keys} || '|' || {sums} FROM traffic_attempts"),
        format!("SELECT 'calls|' || {keys} || '|' || {sums} FROM traffic_calls"),
        "SELECT 'causes|' || quarter_us || '|' || node || '|' || kind || '|' || provider || '|' || cause || '|' || sip \
         || '|' || dialstatus || '|' || outcome || '|' || attempts FROM traffic_causes"
            .to_owned(),
        "SELECT 'attempt|' || call_unique_id || '|' || position || '|' || outcome || '|' || COALESCE(kind, '') || '|' \
         || COALESCE(provider, 0) FROM call_attempts"
            .to_owned(),
        "SELECT 'call|' || unique_id || '|' || outcome || '|' || COALESCE(provider_in, 0) || '|' || \
         COALESCE(provider_out, 0) FROM calls"
            .to_owned(),
    ] {
        all.extend(database.texts(&sql).await);
    }
    all
}

fn rule(priority: i64, sip: &str, outcome: Outcome) -> Rule {
    let sip = sip.parse().ok();
    Rule { priority, sip, cause: None, dialstatus: None, rang: None, outcome, comment: "".into() }
}

pub(super) async fn other_rules_count_as_if_they_had_always_been(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let generated = generated(200, 1);
    insert_decisions(&database, &generated).await;
    mark_decisions(&database).await;
    write_generated(store, &generated).await;
    close_all(store).await;
    let published = dump(&database).await;

    store.set_outcome_rule(&rule(1, "403", Outcome::RejectedByUser)).await.unwrap();
    assert!(store.remove_outcome_rule(110).await.unwrap());
    assert!(!store.remove_outcome_rule(110).await.unwrap());
    assert!(close_all(store).await > 0);
    let edited = dump(&database).await;
    assert_ne!(edited, published);

    // As if there had been no others.
    for table in ["traffic_attempts", "traffic_calls", "traffic_causes", "traffic_basis"] {
        database.by_hand(&format!("DELETE FROM {table}")).await.unwrap();
    }
    let forgotten = "provider = NULL, kind = NULL, prefix = NULL, country = NULL, outcome = NULL";
    database.by_hand(&format!("UPDATE call_attempts SET {forgotten}")).await.unwrap();
    database.by_hand("UPDATE calls SET country = NULL, outcome = NULL, provider_out = NULL").await.unwrap();
    assert!(close_all(store).await > 0);
    assert_eq!(dump(&database).await, edited);

    // And back. A comment alone is no other rule.
    store.remove_outcome_rule(1).await.unwrap();
    let published_rules = Rules::published();
    let removed = published_rules.as_slice().iter().find(|rule| rule.priority == 110).unwrap();
    store.set_outcome_rule(&Rule { comment: "as it was".into(), ..removed.clone() }).await.unwrap();
    assert!(close_all(store).await > 0);
    assert_eq!(dump(&database).await, published);
    store.set_outcome_rule(removed).await.unwrap();
    assert_eq!((close_all(store).await, store.outcome_rules().await.unwrap()), (0, published_rules));
    // Whoever asks for it gets it counted again, with nothing changed.
    assert!(store.recalculate_quarters(0).await.unwrap() > 0);
    assert!(close_all(store).await > 0);
    assert_eq!(dump(&database).await, published);
}

pub(super) async fn rules_that_make_no_sense_are_refused(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    assert_eq!(store.outcome_rules().await.unwrap(), Rules::published());
    for outcome in [Outcome::Answered, Outcome::Unknown] {
        let refused = store.set_outcome_rule(&rule(1, "403", outcome)).await.unwrap_err();
        assert!(refused.to_string().contains("outcome_rules_class_word"), "{refused}");
    }
    assert!(store.set_outcome_rule(&rule(1, "1000", Outcome::Policy)).await.is_err());
    for cells in ["sip_to = 1 WHERE priority = 220", "sip_from = NULL WHERE priority = 220"] {
        assert!(database.by_hand(&format!("UPDATE outcome_rules SET {cells}")).await.is_err(), "{cells}");
    }
    assert_eq!(store.outcome_rules().await.unwrap(), Rules::published());
}

fn place(number: i64) -> Place {
    Place { quarter: Quarter::of(id(number).created_us), node: node() }
}

async fn sums_of(store: &Store, per: Per) -> (i64, i64, i64) {
    let report = store.traffic(&asked(per, &[], "UTC")).await.unwrap();
    let sums = report.rows[0].sums;
    (sums.attempts(), sums.answered(), sums.talk_us)
}

pub(super) async fn a_newer_revision_counts_instead(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    write(store, &[ended(&call(1)), ended(&call(2))]).await;
    assert_eq!(store.marks_of_quarters().await.unwrap(), (1, Some(place(1).quarter)));
    assert_eq!(store.traffic(&asked(Per::Call, &[], "UTC")).await.unwrap().marked, Some(place(1).quarter));
    store.follow_outcome_rules().await.unwrap();
    let closed = store.close_quarter(&place(1)).await.unwrap();
    let Closed::Summed { fresh, .. } = closed else { panic!("{closed:?}") };
    let fresh: Vec<_> = fresh.values().map(|sums| (sums.attempts(), sums.answered(), sums.talk_us)).collect();
    assert_eq!(fresh, [(4, 4, 240_000_000)]);
    assert_eq!(
        (sums_of(store, Per::Attempt).await, sums_of(store, Per::Call).await.0),
        ((4, 4, 240_000_000), 2)
    );
    let mut failed = CallRecord { revision: 2, disposition: Some(Disposition::Busy), ..call(1) };
    (failed.answer_us, failed.talk_us) = (None, None);
    failed.attempts.truncate(1);
    let attempt = &mut failed.attempts[0];
    (attempt.answer_us, attempt.cause, attempt.sip) = (None, Some(17), Some(486));
    attempt.dialstatus = Some("BUSY".into());
    write(store, &[ended(&failed)]).await;
    assert_eq!(
        store.close_quarter(&place(1)).await.unwrap(),
        Closed::Summed { calls: 2, attempts: 3, filled: 2, fresh: BTreeMap::new() },
        "what was counted once is not counted again for being another now"
    );
    let report = store.traffic(&asked(Per::Attempt, &[], "UTC")).await.unwrap();
    let sums = report.rows[0].sums;
    assert_eq!((sums.attempts(), sums.answered(), sums.of_outcome(Outcome::UserBusy)), (3, 2, 1));
    // The same once more changes nothing, and is not counted again.
    write(store, &[ended(&failed)]).await;
    assert_eq!(store.marks_of_quarters().await.unwrap(), (0, None));
    assert_eq!(store.close_quarter(&place(1)).await.unwrap(), Closed::Unmarked);
}

pub(super) async fn a_call_that_is_part_of_another_leaves_no_trace(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    // In another quarter than the call it turns out to be part of.
    let late = 2_000;
    write(store, &[ended(&call(1)), ended(&call(late))]).await;
    close_all(store).await;
    assert_eq!(sums_of(store, Per::Call).await.0, 2);
    write(store, &[CallUpdate::Superseded { id: id(late), by: id(1) }]).await;
    assert_eq!(store.marked_quarters(9).await.unwrap(), [place(late)]);
    close_all(store).await;
    assert_eq!((sums_of(store, Per::Call).await.0, sums_of(store, Per::Attempt).await.0), (1, 2));
    for table in ["traffic_calls", "traffic_attempts", "traffic_causes"] {
        let rows = format!("{table} WHERE quarter_us = {}", place(late).quarter.from_us());
        assert_eq!(database.count(&rows).await, 0, "{table}");
    }
    for table in ["traffic_calls_hours", "traffic_attempts_hours"] {
        assert_eq!(database.count(table).await, 1, "{table}");
    }
}

/// Its decision is logged after the call was summed up, and by the router's clock in another quarter.
pub(super) async fn a_decision_that_comes_late_is_counted(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    write(store, &[ended(&call(1))]).await;
    close_all(store).await;
    let by_provider =
        asked(Per::Attempt, &[Dimension::Provider, Dimension::Country, Dimension::Prefix], "UTC");
    let none = lines(store, &by_provider).await;
    assert!(none.len() == 1 && none[0].starts_with("0|||2|2|"), "{none:?}");
    assert_eq!(database.count("traffic_awaited WHERE decision = 'd-1'").await, 1);

    let decided = Quarter::of(id(2_000).created_us);
    let at_us = decided.from_us();
    for sql in [
        format!(
            "INSERT INTO decisions (id, decided_us, router, node, verb, call_id, root, generation, hopped, status, \
             country, provider_in, attempts, request) VALUES ('d-1', {at_us}, 'router 1', 'msk', 'outbound', 'c', 'r-1', \
             7, FALSE, 'ok', 'US', NULL, 2, '{{}}')"
        ),
        format!(
            "INSERT INTO decision_attempts (decided_us, decision, position, kind, provider, prefix, dial) VALUES \
             ({at_us}, 'd-1', 1, 'carrier', 5, '1202', 'a'), ({at_us}, 'd-1', 2, 'carrier', 6, '1', 'b')"
        ),
        format!(
            "INSERT INTO traffic_marks (quarter_us, node, writer, marks) VALUES ({at_us}, 'msk', 'router 1', 1)"
        ),
    ] {
        database.by_hand(&sql).await.unwrap();
    }
    assert_eq!(close_all(store).await, 2);
    let told = lines(store, &by_provider).await;
    assert!(
        told.len() == 2 && told[0].starts_with("5|US|1202|1|") && told[1].starts_with("6|US|1|1|"),
        "{told:?}"
    );
    assert_eq!(
        database.count("calls WHERE provider_out = 5 AND country = 'US' AND outcome = 'answered'").await,
        1
    );
    assert_eq!(database.count("traffic_awaited").await, 0);

    // A revision that names another decision loses what the first one said.
    let mut second = CallRecord { revision: 2, ..call(1) };
    second.attempts.iter_mut().for_each(|attempt| attempt.decision = Some("d-9".into()));
    write(store, &[ended(&second)]).await;
    close_all(store).await;
    assert_eq!(lines(store, &by_provider).await, none);
    assert_eq!(database.count("call_attempts WHERE provider IS NULL AND kind IS NULL").await, 2);
}

/// Of an incomplete call nothing is made up.
pub(super) async fn what_nobody_heard_is_counted_apart(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let unheard = |attempt: &AttemptRecord| AttemptRecord {
        answer_us: None,
        end_us: None,
        cause: None,
        sip: None,
        dialstatus: None,
        ..attempt.clone()
    };
    let mut half = CallRecord { flaws: vec![Flaw::EndUnseen], disposition: None, ..call(1) };
    (half.answer_us, half.talk_us) = (None, None);
    half.attempts = half.attempts.iter().map(unheard).collect();
    let mut answered = CallRecord { flaws: vec![Flaw::EndUnseen], talk_us: None, ..call(2) };
    answered.attempts.truncate(1);
    answered.attempts[0].end_us = None;
    write(store, &[ended(&half), ended(&answered), ended(&call(3))]).await;
    close_all(store).await;
    for (per, attempts, unknown, talks) in [(Per::Attempt, 5, 2, 2), (Per::Call, 3, 1, 1)] {
        let sums = store.traffic(&asked(per, &[], "UTC")).await.unwrap().rows[0].sums;
        assert_eq!(
            (sums.attempts(), sums.of_outcome(Outcome::Unknown), sums.talks),
            (attempts, unknown, talks)
        );
        assert_eq!(sums.asr().unwrap().hundredths(), 10_000, "all that is known of was answered");
    }
}

pub(super) async fn many_may_sum_up_at_once(database: Database) {
    let database = database.with_tables().await;
    let (store, other) = (&database.store, &database.again().await);
    let records: Vec<_> = (0..60).map(|nth| call(nth * 300)).collect();
    write(store, &records.iter().map(ended).collect::<Vec<_>>()).await;
    let (one, two) = tokio::join!(close_all(store), close_all(other));
    assert_eq!(one + two, 20);
    assert_eq!((sums_of(store, Per::Call).await.0, sums_of(store, Per::Attempt).await.0), (60, 120));
    assert_eq!(store.marks_of_quarters().await.unwrap(), (0, None));
}

fn is_call(number: i64) -> String {
    let id = id(number);
    format!("node = 'msk' AND created_us = {} AND unique_id = '{}'", id.created_us, id.unique_id)
}

/// While a quarter is summed up another call of it is written: it is summed up again.
pub(super) async fn marks_set_meanwhile_stay(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    close_all(store).await;
    write(store, &[ended(&call(1))]).await;
    if database.url.starts_with("sqlite") {
        // One writer at a time: nothing happens meanwhile.
        close_all(store).await;
        write(store, &[ended(&call(2))]).await;
    } else {
        let held = database.hold(&format!("UPDATE calls SET revision = revision WHERE {}", is_call(1))).await;
        let (place, other) = (place(1), database.again().await);
        let closing = store.close_quarter(&place);
        let meanwhile = async {
            database.waiting_for_locks(1).await;
            write(&other, &[ended(&call(2))]).await;
            held.commit().await;
        };
        let (closed, ()) = tokio::join!(closing, meanwhile);
        assert!(matches!(closed.unwrap(), Closed::Summed { calls: 1, .. }));
    }
    assert_eq!(store.marks_of_quarters().await.unwrap().0, 1);
    close_all(store).await;
    assert_eq!(sums_of(store, Per::Call).await.0, 2);
}

/// A revision that comes while its call is summed up gets nothing of what the older one was told.
pub(super) async fn a_revision_that_comes_meanwhile_is_left_alone(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    close_all(store).await;
    write(store, &[ended(&call(1))]).await;
    if database.url.starts_with("sqlite") {
        return;
    }
    let held = database.hold(&format!("UPDATE calls SET revision = 9 WHERE {}", is_call(1))).await;
    let place = place(1);
    let meanwhile = async {
        database.waiting_for_locks(1).await;
        held.commit().await;
    };
    let (closed, ()) = tokio::join!(store.close_quarter(&place), meanwhile);
    assert!(matches!(closed.unwrap(), Closed::Summed { calls: 1, attempts: 2, filled: 0, .. }));
    assert_eq!(database.count("call_attempts WHERE outcome IS NULL").await, 2);
}

/// Tables that were filled before there were roll-ups.
pub(super) async fn calls_from_before_are_summed_up(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    write(store, &[ended(&call(1)), ended(&call(2_000))]).await;
    database.by_hand("DELETE FROM traffic_marks").await.unwrap();
    assert_eq!(store.follow_outcome_rules().await.unwrap(), Some(2));
    assert_eq!(store.follow_outcome_rules().await.unwrap(), None);
    assert_eq!((close_all(store).await, sums_of(store, Per::Call).await.0), (2, 2));
    // Calls no calendar knows do no harm.
    let mut ancient = call(3);
    ancient.id.created_us = i64::MIN;
    let mut far = call(4);
    far.id.created_us = i64::MAX;
    write(store, &[ended(&ancient), ended(&far)]).await;
    assert_eq!(close_all(store).await, 2);
    store.recalculate_quarters(NOW_US).await.unwrap();
    close_all(store).await;
    let report = store.traffic(&asked(Per::Call, &[Dimension::Hour], "UTC")).await.unwrap();
    let hours: i64 = report.rows.iter().map(|row| row.sums.attempts()).sum();
    assert_eq!((hours, asked(Per::Call, &[Dimension::Hour], "UTC").columns()), (2, vec![Column::Hour]));
}
