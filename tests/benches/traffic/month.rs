//! A month of attempts, as its roll-ups stand in the tables.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Connection as _, Executor, MySqlConnection, PgConnection, SqliteConnection};
use traffic::{QUARTER_US, Sums};

use super::{DAY_US, DAYS, FROM_US, dice::Dice};

/// Quarter, node, direction, provider, prefix.
type Key = (i64, i64, i64, i64, i64);
pub(super) type Row = (Key, Sums);

const NODES: i64 = 3;
const PROVIDERS: i64 = 6;
/// Of each carrier.
const PREFIXES: i64 = 20;
const ROWS_PER_STATEMENT: usize = 1_000;

/// Busy hours, favourite carriers and favourite prefixes: the smaller of two rolls is more often a small one.
pub(super) fn rolled_up(attempts: u64, dice: &mut Dice) -> Vec<Row> {
    let mut sums: BTreeMap<Key, Sums> = BTreeMap::new();
    for _ in 0..attempts {
        let favourite = |dice: &mut Dice, sides| dice.roll(sides).min(dice.roll(sides));
        let day = dice.roll(DAYS);
        let quarter = 28 + favourite(dice, 68);
        let key = (
            FROM_US + day * DAY_US + quarter * QUARTER_US,
            dice.roll(NODES),
            dice.roll(2),
            1 + favourite(dice, PROVIDERS),
            favourite(dice, PREFIXES),
        );
        sums.entry(key).or_default().add(&attempt(dice));
    }
    sums.into_iter().collect()
}

fn attempt(dice: &mut Dice) -> Sums {
    let mut values = [0; 16];
    let outcome = usize::try_from(dice.roll(11)).unwrap();
    values[1 + outcome] = 1;
    if outcome == 0 {
        (values[12], values[13]) = (dice.roll(600_000_000), 1);
    }
    (values[14], values[15]) = (dice.roll(5_000_000), 1);
    Sums::of(values)
}

pub(super) async fn insert(url: &str, rows: &[Row]) {
    let statements = rows.chunks(ROWS_PER_STATEMENT).map(statement);
    run(url, ["BEGIN".to_owned()].into_iter().chain(statements).chain(["COMMIT".to_owned()])).await;
}

/// As if there had never been coarser sums: the migration that makes them has them made of what is there.
pub(super) async fn forget_layers(url: &str) {
    let tables = ["attempts_carriers", "attempts_hours", "calls_carriers", "calls_hours"];
    let drop = tables.map(|table| format!("DROP TABLE traffic_{table}"));
    let again = "DELETE FROM _sqlx_migrations WHERE version = 48".to_owned();
    run(url, drop.into_iter().chain([again])).await;
}

async fn run(url: &str, statements: impl Iterator<Item = String>) {
    macro_rules! run {
        ($connection:ty) => {{
            let mut connection = <$connection>::connect(url).await.unwrap();
            for sql in statements {
                connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
            }
        }};
    }
    match url.split(':').next() {
        Some("postgres") => run!(PgConnection),
        Some("mysql") => run!(MySqlConnection),
        _ => run!(SqliteConnection),
    }
}

fn statement(rows: &[Row]) -> String {
    let rows = rows.iter().map(|((quarter_us, node, direction, provider, prefix), sums)| {
        let direction = ["inbound", "outbound"][usize::try_from(*direction).unwrap()];
        let sums = sums.values().map(|sum| sum.to_string()).join(", ");
        format!(
            "({quarter_us}, 'node {node}', '{direction}', 'carrier', {provider}, 'RU', '7{prefix}', {sums})"
        )
    });
    format!(
        "INSERT INTO traffic_attempts (quarter_us, node, direction, kind, provider, country, prefix, {}) VALUES {}",
        Sums::COLUMNS.join(", "),
        rows.collect::<Vec<_>>().join(", ")
    )
}
