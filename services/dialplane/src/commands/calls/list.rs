//! Recorded calls as a table or as JSON.

use std::process::ExitCode;

use records::{CallView, Conditions, Numbers, Zone};
use runtime::{Config, now_us};
use store::{CallParts, CallQuestion, CallSort, ListCallsError, Store, StoredCall};

use super::{
    carriers::{self, Carriers},
    text::{printable, word},
    zone,
};
use crate::{
    answer,
    cli::{List, Said},
    commands::open,
    failure::{DONE, Failure},
};

pub(super) async fn run(config: &Config, arguments: &List) -> Result<ExitCode, Failure> {
    let conditions = conditions(config, &arguments.conditions).await?;
    if let Some(capped) = conditions.capped() {
        eprintln!("dialplane: {capped}; --from and --to name a time");
    }
    let store = open(config).await?;
    let found = find(&store, &conditions, arguments.sort, arguments.limit).await?;
    let (zone, numbers) = (&conditions.zone, arguments.unmask.numbers());
    let said = &arguments.conditions.0;
    arguments.unmask.note(&store, "calls list", said, Some(found.calls.len())).await?;
    if arguments.json {
        let view = |call| CallView::of(call, CallParts::Row, zone, numbers);
        answer::json(&found.calls.iter().map(view).collect::<Vec<_>>())?;
    } else {
        let carriers = Carriers::read(&store).await?;
        let began = format!("began, {}", zone.name());
        let header = [
            &*began,
            "node",
            "direction",
            "caller",
            "called",
            "carrier",
            "ended",
            "outcome",
            "cause",
            "sip",
            "wait",
            "talk",
            "",
            "id",
        ];
        answer::table(&header, found.calls.iter().map(|call| cells(call, zone, numbers, &carriers)));
    }
    if found.is_more {
        eprintln!("dialplane: there are more; --limit shows more of them");
    }
    Ok(DONE)
}

/// What was typed, in the time zone of whoever typed it.
pub(super) async fn conditions(config: &Config, said: &Said) -> Result<Conditions, Failure> {
    let said = carriers::by_id(config, &said.0).await?;
    let zone = said.iter().all(|(name, _)| *name != "zone").then(zone::own).flatten();
    let typed = said.iter().map(|(name, text)| (*name, text.as_str()));
    let own = zone.as_ref().map(|zone| ("zone", zone.name()));
    Conditions::of(typed.chain(own), now_us()).map_err(|error| zone::refused(&error))
}

struct Found {
    calls: Vec<StoredCall>,
    is_more: bool,
}

async fn find(store: &Store, conditions: &Conditions, sort: CallSort, limit: u32) -> Result<Found, Failure> {
    let mut calls: Vec<StoredCall> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let left = limit.saturating_sub(u32::try_from(calls.len()).unwrap_or(u32::MAX));
        let question = CallQuestion {
            filter: &conditions.filter,
            sort,
            limit: left.min(CallQuestion::LIMIT_MAX),
            cursor: cursor.as_deref(),
            parts: CallParts::Row,
        };
        let page = store.list_calls(question).await?;
        calls.extend(page.calls);
        cursor = page.next;
        if cursor.is_none() || calls.len() >= limit as usize {
            return Ok(Found { calls, is_more: cursor.is_some() });
        }
    }
}

impl From<ListCallsError> for Failure {
    fn from(error: ListCallsError) -> Self {
        match error {
            ListCallsError::Store(error) => error.into(),
            ListCallsError::Cursor(_) => Self::usage(error),
        }
    }
}

fn cells(call: &StoredCall, zone: &Zone, numbers: Numbers, carriers: &Carriers) -> [String; 14] {
    let record = &numbers.show_record(call.record.clone());
    let number = |code: Option<u16>| code.map(|code| code.to_string()).unwrap_or_default();
    let raw = |party: &Option<::calls::Party>| printable(party.as_ref().map_or("", |party| &party.raw));
    [
        zone.local(record.began_us()).unwrap_or_default(),
        record.id.node.to_string(),
        word(&record.direction).unwrap_or_default(),
        raw(&record.caller),
        raw(&record.called),
        carriers.name(call.provider_out.or(call.provider_in)).unwrap_or_default(),
        word(&record.disposition).unwrap_or_default(),
        call.outcome.map(|outcome| outcome.word().to_owned()).unwrap_or_default(),
        number(record.cause),
        number(record.sip),
        seconds(record.wait_us),
        seconds(record.talk_us),
        if record.is_complete() { String::new() } else { "incomplete".to_owned() },
        printable(&record.id.to_string()),
    ]
}

/// Seconds with a tenth, without a float.
fn seconds(us: Option<i64>) -> String {
    us.map(|us| format!("{}.{}", us / 1_000_000, us.rem_euclid(1_000_000) / 100_000)).unwrap_or_default()
}
