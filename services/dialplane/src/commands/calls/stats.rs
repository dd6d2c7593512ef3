//! Ratios out of roll-ups.

mod view;

use std::process::ExitCode;

use records::{StatsView, stats_question};
use runtime::{Config, now_us};
use store::TrafficError;

use self::view::Stats as View;
use super::{carriers, zone};
use crate::{
    answer,
    cli::Stats,
    commands::open,
    failure::{DONE, Failure},
};

pub(super) async fn run(config: &Config, arguments: &Stats) -> Result<ExitCode, Failure> {
    let said = carriers::by_id(config, &arguments.said.0).await?;
    let pairs = said.iter().map(|(name, text)| (*name, text.as_str()));
    // A question that cannot be answered needs no database to say so.
    let question = stats_question(pairs, now_us()).map_err(|error| zone::refused(&error))?;
    let report = open(config).await?.traffic(&question).await;
    let report = report.map_err(|error| match error {
        TrafficError::Question(error) => Failure::usage(error),
        TrafficError::Store(error) => error.into(),
    })?;
    if arguments.json {
        answer::json(&StatsView { question: &question, report: &report }.json())?;
    } else {
        View { question: &question, report: &report }.print();
    }
    Ok(DONE)
}
