//! Generations at the size of a large operator, in real processes on real databases: how long one takes to be published,
//! how soon a changed row is live in two routers, what memory and answers feel of it, and how fast a router starts
//! without any database. Beside it Kamailio's mtree, which reads the same million numbers from the same Postgres.
//!
//! `cargo bench --package scenarios --bench generations [-- sqlite|postgres|mariadb …]`

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

mod change;
mod clock;
mod fleet;
mod load;
#[path = "../../../services/routing/benches/operator/mod.rs"]
mod operator;
mod peer;
mod publish;
mod question;
mod report;
mod start;
mod tables;

use report::Report;

type Database = (&'static str, fn() -> String);

const DATABASES: [Database; 3] =
    [("sqlite", laboratory::sqlite), ("postgres", laboratory::postgres), ("mariadb", laboratory::mariadb)];

fn main() {
    let run = laboratory::enter();
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let tables = tables::fit_for_a_database();
    let mut report = Report::begin();
    for (name, url) in DATABASES {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            measure(name, &url(), &tables, &mut report);
        }
    }
    report.print();
    run.remove();
}

fn measure(database: &'static str, url: &str, tables: &routing::tables::Tables, report: &mut Report) {
    report.about(database);
    publish::measure(url, tables, report);
    let fleet = fleet::Fleet::start(database, url);
    change::measure(&fleet, report);
    start::measure(fleet, report);
    if database == "postgres" {
        peer::measure(url, report);
    }
}
