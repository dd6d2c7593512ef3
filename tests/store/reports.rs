//! What analysts may read, as a contract: views, their columns, and what never stands in one.

use store::{AccountName, REPORTS};

use super::{
    call_records::write,
    database::Database,
    sample_calls::{call, ended},
};

/// The columns of each view, in their order.
pub(super) const COLUMNS: [(&str, &str); 9] = [
    (
        "report_calls",
        "node, created_us, unique_id, began_us, began_at, answered_at, ended_at, direction, caller, called, country, \
         provider_in, provider_in_name, provider_out, provider_out_name, wait_s, ring_s, talk_s, disposition, outcome, \
         cause, sip, hangup_by, complete, flaws, root, decision, generation",
    ),
    (
        "report_legs",
        "node, call_created_us, call_unique_id, position, unique_id, technology, started_at, answered_at, ended_at, \
         cause, sip, hangup_by",
    ),
    (
        "report_attempts",
        "node, call_created_us, call_unique_id, position, kind, provider, provider_name, country, prefix, outcome, \
         start_us, started_at, rang_at, answered_at, ended_at, pdd_s, cause, sip, dialstatus, decision, decision_attempt",
    ),
    (
        "report_decisions",
        "decided_us, decided_at, id, root, router, node, verb, generation, hopped, class, status, reason, cause, caller, \
         called, country, provider_in, provider_in_name, attempts",
    ),
    ("report_traffic_attempts", TRAFFIC),
    ("report_traffic_calls", TRAFFIC),
    (
        "report_traffic_causes",
        "quarter_us, quarter_at, node, kind, provider, provider_name, cause, sip, dialstatus, outcome, attempts",
    ),
    ("report_traffic_refusals", "quarter_us, quarter_at, node, verb, status, reason, refusals"),
    ("report_gaps", "node, from_us, to_us, from_at, to_at, reason"),
];

const TRAFFIC: &str = "quarter_us, quarter_at, node, direction, kind, provider, provider_name, country, prefix, total, \
     seizures, effective, answered, user_busy, no_answer, rejected_by_user, subscriber, answered_elsewhere, \
     caller_gave_up, network, policy, other, unknown, talk_s, talks, pdd_s, pdds";

pub(super) const DECISION: &str = "INSERT INTO decisions (decided_us, id, router, node, verb, call_id, root, hopped, \
     status, caller_e164, called_e164, attempts, request) VALUES (1795269600000000, 'd-1', 'r', 'msk', 'outbound', 'c', \
     'r-1', FALSE, 'ok', '442079460123', '12025550100', 1, '{\"to\":\"12025550100\"}')";
pub(super) const DECISION_ATTEMPT: &str = "INSERT INTO decision_attempts (decided_us, decision, position, kind, \
     number_shown, dial) VALUES (1795269600000000, 'd-1', 1, 'carrier', '442079460123', 'PJSIP/12025550100@carrier')";

impl Database {
    /// Everything a table or view shows in these columns.
    pub(super) async fn shown(&self, table: &str, columns: &str) -> Vec<String> {
        let text = if self.url.starts_with("mysql") { "CHAR" } else { "TEXT" };
        let cell = |column| format!("COALESCE(CAST({column} AS {text}), '-')");
        let columns: Vec<_> = columns.split(", ").map(cell).collect();
        self.texts(&format!("SELECT CONCAT_WS('|', {}) FROM {table}", columns.join(", "))).await
    }

    /// What somebody does with an account of a server, whose password is `secret` if it has one.
    async fn by_hand_as(&self, account: &str, sql: &str) -> Result<u64, sqlx::Error> {
        let theirs = |url: String, sql| async move { Self::open(url).await.by_hand(sql).await };
        if self.url.starts_with("postgres") {
            return theirs(self.url.clone(), &format!("SET ROLE {account}; {sql}")).await;
        }
        theirs(self.url.replace("//root@", &format!("//{account}:secret@")), sql).await
    }
}

pub(super) async fn reports_hold_no_whole_number(database: Database) {
    let database = database.with_article().await;
    write(&database.store, &[ended(&call(1)), ended(&call(2))]).await;
    for sql in [DECISION, DECISION_ATTEMPT] {
        assert_eq!(database.by_hand(sql).await.unwrap(), 1);
    }
    assert_eq!(COLUMNS.map(|(view, _)| view), REPORTS);
    let mut all = Vec::new();
    for (view, columns) in COLUMNS {
        all.push(database.shown(view, columns).await);
    }
    let lines: Vec<_> = all.concat();
    assert!(
        lines.iter().all(|line| !line.contains("12025550100") && !line.contains("442079460123")),
        "{lines:#?}"
    );
    let [calls, legs, attempts, decisions, ..] = all.as_slice() else { panic!() };
    assert_eq!((calls.len(), legs.len(), attempts.len(), decisions.len()), (2, 6, 4, 1));
    assert!(calls.iter().all(|line| line.contains("|1000|1202555****|")), "{calls:#?}");
    assert!(legs.iter().all(|line| line.contains("|PJSIP|")), "{legs:#?}");
    assert!(decisions[0].contains("|4420794*****|1202555****|"), "{decisions:#?}");
}

pub(super) async fn times_and_durations_are_to_the_microsecond(database: Database) {
    let database = database.with_tables().await;
    let mut call = call(1);
    call.answer_us = call.answer_us.map(|us| us + 7);
    call.talk_us = Some(59_999_993);
    write(&database.store, &[ended(&call)]).await;
    let shown = database.shown("report_calls", "began_us, began_at, answered_at, talk_s").await;
    let cells: Vec<_> = shown[0].split('|').collect();
    assert_eq!(cells[0], "1795269601000000");
    // Each database writes times in a way of its own.
    let is_time = |text: &str, tail: &str| {
        let text = text.replace('T', " ");
        text.starts_with("2026-11-21 14:00:")
            && text.trim_end_matches(['Z', '0', '+', ':', '.']).ends_with(tail)
    };
    assert!(is_time(cells[1], ":01") && is_time(cells[2], ":06.000007"), "{cells:?}");
    assert!(cells[3].starts_with("59.999993"), "{cells:?}");
}

const DASHBOARD: &str = include_str!("../../deploy/grafana/calls.json");

pub(super) async fn the_dashboards_questions_fit(database: Database) {
    let database = database.with_article().await;
    write(&database.store, &[ended(&call(1))]).await;
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 10);
    for panel in panels {
        let sql = panel["targets"][0]["rawSql"].as_str().unwrap();
        let sql = sql
            .replace("$__unixEpochFrom()", "0")
            .replace("$__unixEpochTo()", "4000000000")
            .replace("${node:sqlstring}", "'msk'");
        assert!(!sql.contains('$'), "{sql}");
        database.by_hand(&sql).await.unwrap_or_else(|error| panic!("{}: {error}", panel["title"]));
    }
}

pub(super) async fn an_account_reads_the_reports_and_nothing_else(database: Database) {
    let database = database.with_tables().await;
    // Accounts are the server's, which other tests share.
    let account = format!("reader_{}_{}", std::process::id(), database.url.len());
    let Some(grants) = database.store.report_grants(&account.parse::<AccountName>().unwrap()) else {
        return assert!(database.url.starts_with("sqlite"));
    };
    let [create, drop] = if database.url.starts_with("postgres") {
        [format!("CREATE ROLE {account}"), format!("DROP OWNED BY {account}; DROP ROLE {account}")]
    } else {
        [format!("CREATE USER {account} IDENTIFIED BY 'secret'"), format!("DROP USER {account}")]
    };
    database.by_hand(&create).await.unwrap();
    for grant in &grants {
        database.by_hand(grant).await.unwrap();
    }
    for view in REPORTS {
        database.by_hand_as(&account, &format!("SELECT * FROM {view}")).await.unwrap();
    }
    for table in ["calls", "call_legs", "call_attempts", "decisions", "providers", "api_tokens"] {
        let refused = database.by_hand_as(&account, &format!("SELECT * FROM {table}")).await;
        assert!(refused.is_err(), "{table}");
    }
    let refused = database.by_hand_as(&account, "DELETE FROM report_gaps").await;
    assert!(refused.is_err());
    database.by_hand(&drop).await.unwrap();
}

pub(super) async fn a_copy_holds_the_reports_and_nothing_else(database: Database) {
    if !database.url.starts_with("sqlite") {
        return;
    }
    let database = database.with_tables().await;
    write(&database.store, &[ended(&call(1))]).await;
    let url = database.url.replace(".db?", ".copy?");
    let file = url.trim_start_matches("sqlite://").split('?').next().unwrap();
    database.store.copy_reports(file.as_ref()).await.unwrap();
    let copy = Database::open(url.clone()).await;
    let mut tables = copy.texts("SELECT name FROM sqlite_schema ORDER BY rowid").await;
    assert_eq!(tables.len(), REPORTS.len());
    tables.retain(|table| !REPORTS.contains(&table.as_str()));
    assert_eq!(tables, Vec::<String>::new());
    assert_eq!(copy.count("report_calls").await, 1);
    assert!(database.store.copy_reports(file.as_ref()).await.is_err(), "nothing is written over");
    assert_eq!(database.count("report_calls").await, 1, "the store goes on");
}
