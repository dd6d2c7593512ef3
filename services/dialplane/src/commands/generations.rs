use std::process::ExitCode;

use ::generations::{GenerationRecord, diff};
use activation::Active;
use routing::TableName;
use runtime::Config;
use serde::Serialize;
use store::Store;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{active, open};
use crate::{
    answer,
    cli::Generations,
    failure::{DONE, Failure},
};

pub(crate) async fn run(config: &Config, command: Generations) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    match command {
        Generations::List { limit, json } => list(&store, limit, json).await,
        Generations::Show { number, json } => show(&store, number, json).await,
        Generations::Diff { from, to, json } => {
            let from = Active::load(&store, from, None).await?;
            let to = match to {
                Some(number) => Active::load(&store, number, None).await?,
                None => active(&store).await?.as_ref().clone(),
            };
            let changes = diff(from.tables(), to.tables());
            if json {
                answer::json(&changes)?;
            } else {
                print!("{changes}");
            }
            Ok(DONE)
        }
    }
}

pub(crate) fn print_activated(record: &GenerationRecord) {
    println!("generation {} is active", record.number);
}

/// An instant for people and programs: RFC 3339 in UTC.
pub(crate) fn instant(us: i64) -> String {
    let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(us) * 1000).ok();
    instant.and_then(|instant| instant.format(&Rfc3339).ok()).unwrap_or_default()
}

#[derive(Serialize)]
struct View {
    number: u64,
    parent: Option<u64>,
    created: String,
    actor: String,
    comment: String,
    /// Rolled back to, and held until somebody activates.
    held: bool,
    checksum: String,
}

impl From<&GenerationRecord> for View {
    fn from(record: &GenerationRecord) -> Self {
        Self {
            number: record.number,
            parent: record.parent,
            created: instant(record.created_us),
            actor: record.actor.clone(),
            comment: record.comment.clone(),
            held: record.held,
            checksum: record.checksum.to_string(),
        }
    }
}

async fn list(store: &Store, limit: u32, json: bool) -> Result<ExitCode, Failure> {
    let summaries = store.generations(limit).await?;
    let rows: Vec<_> =
        summaries.into_iter().map(|summary| View::from(&activation::record(summary))).collect();
    if json {
        answer::json(&rows)?;
    } else {
        let cells = |row: View| {
            let held = if row.held { "held" } else { "" };
            [
                row.number.to_string(),
                row.created,
                row.actor,
                row.comment,
                held.to_owned(),
                row.checksum[..12].to_owned(),
            ]
        };
        answer::table(
            &["generation", "activated", "by", "comment", "", "checksum"],
            rows.into_iter().map(cells),
        );
    }
    Ok(DONE)
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    record: View,
    rows: Vec<(&'static str, u64)>,
}

async fn show(store: &Store, number: u64, json: bool) -> Result<ExitCode, Failure> {
    let generation = Active::load(store, number, None).await?;
    let counted = TableName::ALL.map(|table| (table.as_str(), generation.manifest().rows(table)));
    let rows = counted.into_iter().filter(|(_, rows)| *rows > 0).collect();
    let shown = Shown { record: generation.record().into(), rows };
    if json {
        answer::json(&shown)?;
        return Ok(DONE);
    }
    let View { number, created, actor, comment, checksum, .. } = &shown.record;
    println!("generation {number}, activated {created} by {actor}: {comment}\nchecksum {checksum}");
    answer::table(
        &["table", "rows"],
        shown.rows.iter().map(|(table, rows)| [(*table).to_owned(), rows.to_string()]),
    );
    Ok(DONE)
}
