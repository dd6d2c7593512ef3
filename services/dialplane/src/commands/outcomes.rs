use std::process::ExitCode;

use anyhow::anyhow;
use runtime::{Config, now_us};
use serde::Serialize;
use store::Store;
use times::{Zone, instant_or_ago};
use traffic::{Rule, Seen, Span};

use super::open;
use crate::{
    answer,
    cli::{Outcomes, SetOutcome, TestOutcome},
    failure::{DONE, Failure, negative},
};

pub(crate) async fn run(config: &Config, command: Outcomes) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    match command {
        Outcomes::List { json } => list(&store, json).await,
        Outcomes::Set(rule) => set(&store, rule).await,
        Outcomes::Remove { priority } => remove(&store, priority).await,
        Outcomes::Test(seen) => test(&store, &seen).await,
        Outcomes::Recalculate { since } => recalculate(&store, since.as_deref()).await,
    }
}

#[derive(Serialize)]
struct View<'r> {
    priority: i64,
    sip: Option<String>,
    cause: Option<String>,
    dialstatus: Option<&'r str>,
    rang: Option<bool>,
    class: &'static str,
    comment: &'r str,
}

impl<'r> View<'r> {
    fn of(rule: &'r Rule) -> Self {
        let span = |span: Option<Span>| span.map(|span| span.to_string());
        Self {
            priority: rule.priority,
            sip: span(rule.sip),
            cause: span(rule.cause),
            dialstatus: rule.dialstatus.as_deref(),
            rang: rule.rang,
            class: rule.outcome.word(),
            comment: &rule.comment,
        }
    }

    fn cells(self) -> [String; 7] {
        let rang = self.rang.map_or("", |rang| if rang { "yes" } else { "no" });
        [
            self.priority.to_string(),
            self.sip.unwrap_or_default(),
            self.cause.unwrap_or_default(),
            self.dialstatus.unwrap_or_default().to_owned(),
            rang.to_owned(),
            self.class.to_owned(),
            self.comment.to_owned(),
        ]
    }
}

async fn list(store: &Store, json: bool) -> Result<ExitCode, Failure> {
    let rules = store.outcome_rules().await?;
    let rules = rules.as_slice().iter().map(View::of);
    if json {
        answer::json(&rules.collect::<Vec<_>>())?;
    } else {
        let header = ["priority", "SIP", "Q.850", "dialstatus", "rang", "class", "comment"];
        answer::table(&header, rules.map(View::cells));
    }
    Ok(DONE)
}

async fn set(store: &Store, arguments: SetOutcome) -> Result<ExitCode, Failure> {
    if !arguments.class.is_ruled() {
        return Err(Failure::usage(anyhow!("no rule says `{}`: that is seen or it is not", arguments.class)));
    }
    let rule = Rule {
        priority: arguments.priority,
        sip: arguments.sip,
        cause: arguments.cause,
        dialstatus: arguments.dialstatus.map(Into::into),
        rang: arguments.rang,
        outcome: arguments.class,
        comment: arguments.comment.into(),
    };
    store.set_outcome_rule(&rule).await?;
    println!("rule {} stands; what was counted is counted again by a collector", rule.priority);
    Ok(DONE)
}

async fn remove(store: &Store, priority: i64) -> Result<ExitCode, Failure> {
    if store.remove_outcome_rule(priority).await? {
        println!("rule {priority} removed; what was counted is counted again by a collector");
        return Ok(DONE);
    }
    println!("there is no rule {priority}");
    Ok(negative())
}

async fn test(store: &Store, arguments: &TestOutcome) -> Result<ExitCode, Failure> {
    let rules = store.outcome_rules().await?;
    let (outcome, rule) = rules.decide(&Seen {
        cause: arguments.cause,
        sip: arguments.sip,
        dialstatus: arguments.dialstatus.as_deref(),
        rang: arguments.rang,
        answered: arguments.dialstatus.as_deref() == Some("ANSWER"),
        complete: !arguments.incomplete,
    });
    match rule {
        Some(rule) => println!("{outcome}, by rule {}", rule.priority),
        None => println!("{outcome}, by no rule"),
    }
    Ok(DONE)
}

async fn recalculate(store: &Store, since: Option<&str>) -> Result<ExitCode, Failure> {
    let since_us =
        since.map(|since| instant_or_ago(since, &Zone::UTC, now_us())).transpose().map_err(Failure::usage)?;
    let quarters = store.recalculate_quarters(since_us.unwrap_or(0)).await?;
    println!("{quarters} quarters of an hour are counted again by a collector");
    Ok(DONE)
}
