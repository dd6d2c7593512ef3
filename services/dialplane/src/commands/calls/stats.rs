//! Ratios out of roll-ups.

mod view;

use std::process::ExitCode;

use domain::NodeName;
use runtime::{Config, now_us};
use store::TrafficError;
use times::{Zone, instant_or_ago};
use traffic::{Period, Question};

use self::view::Stats as View;
use crate::{
    answer,
    cli::Stats,
    commands::open,
    failure::{DONE, Failure},
};

pub(super) async fn run(config: &Config, arguments: &Stats) -> Result<ExitCode, Failure> {
    let question = question(arguments)?;
    // A question that cannot be answered needs no database to say so.
    question.source().map_err(Failure::usage)?;
    let report = open(config).await?.traffic(&question).await;
    let report = report.map_err(|error| match error {
        TrafficError::Question(error) => Failure::usage(error),
        TrafficError::Store(error) => error.into(),
    })?;
    let view = View { question: &question, report: &report };
    if arguments.json {
        answer::json(&view.json())?;
    } else {
        view.print();
    }
    Ok(DONE)
}

fn question(arguments: &Stats) -> Result<Question, Failure> {
    let zone = Zone::named(&arguments.zone).map_err(Failure::usage)?;
    let moment =
        |text: &Option<String>| text.as_deref().map(|text| instant_or_ago(text, &zone, now_us())).transpose();
    let from_us = moment(&arguments.from).map_err(Failure::usage)?;
    let to_us = moment(&arguments.to).map_err(Failure::usage)?;
    let kinds = if arguments.kind.is_empty() { arguments.per.kinds() } else { &arguments.kind };
    Ok(Question {
        period: Period::asked(from_us, to_us, now_us()).map_err(Failure::usage)?,
        per: arguments.per,
        by: arguments.by.clone(),
        kinds: kinds.to_vec(),
        node: arguments.node.as_ref().map(NodeName::as_str).map(Into::into),
        provider: arguments.provider,
        zone,
    })
}
