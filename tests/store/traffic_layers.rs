//! Coarser sums beside the rows they are of.

use traffic::{Dimension, Per, Period, QUARTER_US, Question};

use super::{
    database::Database,
    sample_traffic::{generated, generated_from, insert_decisions, mark_decisions, write_generated},
    traffic::{ATTEMPTS, CALLS, asked, by_sql, close_all, dump, lines, sums},
};

const HOUR_US: i64 = 4 * QUARTER_US;
const DAY_US: i64 = 24 * HOUR_US;
/// 2026-10-25 01:00:00 UTC: three o'clock in Berlin becomes two.
const CHANGE_US: i64 = 1_792_890_000_000_000;
const FROM_US: i64 = CHANGE_US - 5 * HOUR_US;
const HOURS: i64 = 12;

/// How far a zone is ahead of UTC, in SQL.
fn offset_us(zone: &str) -> String {
    let hours = match zone {
        "Europe/Berlin" => {
            return format!("(CASE WHEN at_us < {CHANGE_US} THEN {} ELSE {HOUR_US} END)", 2 * HOUR_US);
        }
        "Europe/Moscow" => 3 * HOUR_US,
        "Asia/Kolkata" => 22 * QUARTER_US,
        _ => 0,
    };
    hours.to_string()
}

/// What tells rows apart, in SQL.
fn columns(question: &Question) -> Vec<String> {
    let offset_us = offset_us(question.zone.name());
    let column = |dimension: &Dimension| match dimension {
        Dimension::Hour => format!("(at_us - (at_us + {offset_us}) % {HOUR_US})"),
        Dimension::Day => format!("(at_us + {offset_us} - (at_us + {offset_us}) % {DAY_US})"),
        dimension => dimension.word().to_owned(),
    };
    question.by.iter().map(column).collect()
}

async fn assert_equals_the_rows(database: &Database, question: &Question) {
    let told = lines(&database.store, question).await;
    let (rows, sums) = match question.per {
        Per::Attempt => (ATTEMPTS, sums("talk_us", "pdd_us")),
        Per::Call => (CALLS, sums("CASE WHEN outcome = 'answered' THEN talk_us END", "pdd_us")),
    };
    let Period { from_us, to_us, .. } = question.period;
    let mut rows = format!("{rows} WHERE at_us >= {from_us} AND at_us < {to_us}");
    if let Some(provider) = question.provider {
        rows = format!("{rows} AND provider = {provider}");
    }
    let columns = columns(question);
    let columns: Vec<_> = columns.iter().map(String::as_str).collect();
    assert!(!told.is_empty());
    assert_eq!(told, by_sql(database, &rows, &columns, &sums).await, "{question:?}");
}

pub(super) async fn what_is_told_by_hours_equals_the_rows(database: Database) {
    use Dimension::{Country, Day, Direction, Hour, Kind, Node, Prefix, Provider};

    let database = database.with_tables().await;
    let generated = generated_from(FROM_US, 3_000, HOURS);
    insert_decisions(&database, &generated).await;
    mark_decisions(&database).await;
    write_generated(&database.store, &generated).await;
    assert!(close_all(&database.store).await >= 80);

    let whole = Period { from_us: FROM_US, to_us: FROM_US + HOURS * HOUR_US, capped: false };
    // From a quarter after the hour to a quarter before one.
    let cut = Period { from_us: FROM_US + QUARTER_US, to_us: whole.to_us - HOUR_US - QUARTER_US, ..whole };
    let brief = Period { to_us: FROM_US + 3 * QUARTER_US, ..cut };
    for (per, by) in [
        (Per::Attempt, &[Prefix][..]),
        (Per::Attempt, &[Day, Prefix, Kind, Provider]),
        (Per::Attempt, &[Hour, Country]),
        (Per::Attempt, &[Hour, Direction]),
        (Per::Attempt, &[Node, Prefix]),
        (Per::Call, &[Country, Direction]),
        (Per::Call, &[Day, Country, Provider]),
        (Per::Call, &[Day, Provider]),
    ] {
        for (zone, period) in [
            ("UTC", whole),
            ("UTC", brief),
            ("Europe/Berlin", cut),
            ("Europe/Moscow", cut),
            ("Asia/Kolkata", cut),
        ] {
            assert_equals_the_rows(&database, &Question { period, ..asked(per, by, zone) }).await;
        }
    }
    let of_one =
        Question { period: cut, provider: Some(2), ..asked(Per::Attempt, &[Day, Prefix], "Europe/Berlin") };
    assert_equals_the_rows(&database, &of_one).await;
}

/// Tables that were summed up before there were coarser sums.
pub(super) async fn sums_from_before_are_summed_up(database: Database) {
    let database = database.with_tables().await;
    let generated = generated(200, 3);
    insert_decisions(&database, &generated).await;
    mark_decisions(&database).await;
    write_generated(&database.store, &generated).await;
    close_all(&database.store).await;
    let all = dump(&database).await;
    assert!(
        all.iter().any(|row| row.starts_with("calls hours|"))
            && all.iter().any(|row| row.starts_with("attempts carriers|"))
    );
    for per in ["attempts", "calls"] {
        for layer in ["carriers", "hours"] {
            database.by_hand(&format!("DROP TABLE traffic_{per}_{layer}")).await.unwrap();
        }
    }
    assert_eq!(database.by_hand("DELETE FROM _sqlx_migrations WHERE version = 48").await.unwrap(), 1);
    let store = database.again().await;
    store.migrate().await.unwrap();
    assert_eq!(dump(&database).await, all);
}
