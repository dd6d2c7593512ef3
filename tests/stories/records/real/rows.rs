//! Rows as three collectors wrote them, one on each kind of database.

use std::{collections::BTreeMap, sync::OnceLock, thread};

use laboratory::{
    asterisk::PLANS,
    fleet::{Fleet, LIMIT, Member},
    mariadb, postgres,
    router::say,
    sqlite, stack, wait_until,
};
use serde_json::Value;

use super::super::LOOK;

const CALL: &[&str] = &[
    "node",
    "created_us",
    "unique_id",
    "flaws",
    "decision",
    "root",
    "direction",
    "caller_raw",
    "called_raw",
    "start_us",
    "end_us",
    "wait_us",
    "ring_us",
    "talk_us",
    "disposition",
    "cause",
    "sip",
    "hangup_by",
];
const LEG: &[&str] =
    &["node", "call_unique_id", "unique_id", "channel", "answer_us", "cause", "sip", "hangup_by"];
const ATTEMPT: &[&str] = &[
    "node",
    "call_unique_id",
    "position",
    "dial",
    "leg",
    "caller_leg",
    "decision",
    "decision_attempt",
    "cause",
    "sip",
    "dialstatus",
];

type Row = BTreeMap<&'static str, String>;

/// A call, whole.
#[derive(Debug)]
pub(super) struct Record {
    call: Row,
    pub(super) legs: Vec<Row>,
    pub(super) attempts: Vec<Row>,
}

struct Witness {
    fleet: Fleet,
    collector: Member,
    api: Member,
    token: String,
}

/// One collector for each database, of all nodes, from the first story to the end of the run.
pub(super) fn watched() {
    witnesses();
}

fn witnesses() -> &'static [Witness; 3] {
    static WITNESSES: OnceLock<[Witness; 3]> = OnceLock::new();
    WITNESSES.get_or_init(|| {
        stack();
        let witnesses = [sqlite(), postgres(), mariadb()].map(|url| Witness::start(&url));
        for witness in &witnesses {
            witness.collector.wait_content();
        }
        witnesses
    })
}

impl Witness {
    fn start(url: &str) -> Self {
        let fleet = Fleet::on(url);
        fleet.must(&["migrate"]);
        let [first, others @ ..] = PLANS;
        let own = others.map(|plan| {
            let node = format!("COLLECTOR__NODES__{}", plan.name.to_ascii_uppercase());
            [
                (format!("{node}__ADDRESS"), port(plan.address)),
                (format!("{node}__SECRET"), "change-me".into()),
            ]
        });
        let own: Vec<_> = own.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let mut collector = fleet.collector("witness", first.name, &port(first.address), &own);
        collector.start();
        let token = fleet.must(&["token", "create", "--role", "analyst"]).trim().to_owned();
        let api = fleet.api("asked", &[]);
        Self { fleet, collector, api, token }
    }

    fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let said = self.fleet.by_hand(sql).replace('\t', "|");
        let cell = |cell: &str| if cell == "NULL" { String::new() } else { cell.to_owned() };
        said.lines().map(|line| line.split('|').map(cell).collect()).collect()
    }
}

fn port(address: &str) -> String {
    format!("{address}:5038")
}

/// So many rows, once all databases have them, and the same.
pub(super) fn rows(sql: &str, count: usize) -> Vec<Vec<String>> {
    wait_until(&format!("{count} rows by {sql}"), LIMIT, || {
        thread::sleep(LOOK);
        agreed(sql).filter(|told| told.len() == count)
    })
}

fn agreed(sql: &str) -> Option<Vec<Vec<String>>> {
    let [first, others @ ..] = witnesses();
    let told = first.rows(sql);
    others.iter().all(|other| other.rows(sql) == told).then_some(told)
}

/// The calls of this called number as command line and API show them, which is the same, on every database.
pub(super) fn everywhere(called: &str) -> Vec<Value> {
    let shown = |witness: &Witness| {
        let whole = ["--numbers", "whole", "--reason", "a story"];
        let command = [&["calls", "list", "--called", called, "--json"], &whole[..]].concat();
        let Witness { api, token, .. } = witness;
        let request = format!(
            "GET /api/v1/calls?called={called}&numbers=whole HTTP/1.1\r\nHost: localhost\r\n\
             Authorization: Bearer {token}\r\nDialplane-Reason: a story\r\nConnection: close\r\n\r\n"
        );
        // What is summed up between the two is in one of them only.
        wait_until("command line and API show the same", LIMIT, || {
            let listed: Value = serde_json::from_str(&witness.fleet.must(&command)).unwrap();
            let answer = say(api.api_port(), &request);
            let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer}"));
            let answered: Value = serde_json::from_str(body).unwrap();
            (answered["calls"] == listed).then_some(listed)
        })
    };
    witnesses().iter().map(shown).collect()
}

/// The time lines of a call.
pub(super) fn drawn(id: &str) -> Vec<String> {
    witnesses().iter().map(|witness| witness.fleet.must(&["calls", "show", id])).collect()
}

/// No call by itself.
pub(super) fn no_call(called: &str) {
    rows(&format!("SELECT unique_id FROM calls WHERE called_raw = '{called}'"), 0);
}

/// The only call of this called number.
pub(super) fn record(called: &str) -> Record {
    records(called, 1).remove(0)
}

/// All calls of this called number, in the order they began.
pub(super) fn records(called: &str, count: usize) -> Vec<Record> {
    let condition = format!("WHERE c.called_raw = '{called}' ORDER BY c.start_us, c.unique_id");
    let calls = rows(&format!("SELECT {} FROM calls c {condition}", columns("c", CALL)), count);
    // Written together with their calls.
    let parts = |table: &str, of: &[&'static str]| {
        let sql = format!(
            "SELECT {} FROM {table} p JOIN calls c ON c.node = p.node AND c.created_us = p.call_created_us \
             AND c.unique_id = p.call_unique_id {condition}, p.position",
            columns("p", of)
        );
        let told = agreed(&sql).unwrap_or_else(|| panic!("the databases disagree: {sql}"));
        named(of, told)
    };
    let (legs, attempts) = (parts("call_legs", LEG), parts("call_attempts", ATTEMPT));
    let of_call = |parts: &[Row], call: &Row| -> Vec<Row> {
        let is_of = |part: &&Row| part["node"] == call["node"] && part["call_unique_id"] == call["unique_id"];
        parts.iter().filter(is_of).cloned().collect()
    };
    let whole = |call: Row| {
        assert_eq!(call["flaws"], "", "{call:?}");
        Record { legs: of_call(&legs, &call), attempts: of_call(&attempts, &call), call }
    };
    named(CALL, calls).into_iter().map(whole).collect()
}

fn columns(table: &str, names: &[&str]) -> String {
    names.iter().map(|name| format!("{table}.{name}")).collect::<Vec<_>>().join(", ")
}

fn named(names: &[&'static str], rows: Vec<Vec<String>>) -> Vec<Row> {
    let named = |row: Vec<String>| {
        assert_eq!(row.len(), names.len(), "{row:?}");
        names.iter().copied().zip(row).collect()
    };
    rows.into_iter().map(named).collect()
}

impl Record {
    pub(super) fn call<const N: usize>(&self, columns: [&str; N]) -> [&str; N] {
        columns.map(|column| self.call[column].as_str())
    }

    /// A time, or how long something took.
    pub(super) fn us(&self, column: &str) -> i64 {
        self.call[column].parse().unwrap_or_else(|_| panic!("no {column}: {self:?}"))
    }
}

/// Some columns of legs or of attempts.
pub(super) fn cells<'r, const N: usize>(rows: &'r [Row], columns: [&str; N]) -> Vec<[&'r str; N]> {
    rows.iter().map(|row| columns.map(|column| row[column].as_str())).collect()
}
