//! The time zone of whoever asks.

use anyhow::anyhow;
use records::{AskError, ShowAsk, Zone};

use crate::failure::Failure;

/// Names shown of a list that is longer.
const SHOWN_MAX: usize = 30;

/// The one that TZ names, if it is one.
pub(super) fn own() -> Option<Zone> {
    let name = std::env::var("TZ").ok()?;
    Zone::named(name.trim_start_matches(':')).ok()
}

/// The one that was asked for, or the own one.
pub(super) fn of(name: Option<&str>) -> Result<Zone, Failure> {
    let Some(name) = name else { return Ok(own().unwrap_or(Zone::UTC)) };
    ShowAsk::of([("zone", name)]).map(|ask| ask.zone).map_err(|error| refused(&error))
}

/// A word that has no place in a question, with what there is instead.
pub(super) fn refused(error: &AskError) -> Failure {
    let (shown, left_out) = error.allowed.split_at(error.allowed.len().min(SHOWN_MAX));
    let more = if left_out.is_empty() { String::new() } else { format!(" and {} more", left_out.len()) };
    if shown.is_empty() {
        return Failure::usage(anyhow!("{}: {}", flag(&error.parameter), error.reason));
    }
    let shown = shown.join(", ");
    Failure::usage(anyhow!("{}: {}; there are {shown}{more}", flag(&error.parameter), error.reason))
}

fn flag(parameter: &str) -> String {
    format!("--{}", parameter.replace('_', "-"))
}
