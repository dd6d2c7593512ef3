use std::process::ExitCode;

use domain::CountryCode;
use runtime::{Config, now_us};
use serde::Serialize;
use store::{RetentionProgress, RetentionRule, Store, Touched};

use super::{generations::instant, open};
use crate::{
    answer,
    cli::{About, Retention, SetRetention},
    failure::{DONE, Failure, negative},
};

pub(crate) async fn run(config: &Config, command: Retention) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    match command {
        Retention::List { json } => list(&store, json).await,
        Retention::Set(rule) => set(&store, rule).await,
        Retention::Remove { country, reason } => {
            let store = About::because(&reason).sign(&store);
            let removed = store.remove_retention_rule(country.country, &reason).await?;
            println!("{}", if removed { "removed" } else { "no such rule" });
            Ok(if removed { DONE } else { negative() })
        }
        Retention::Run { json } => now(&store, json).await,
    }
}

async fn set(store: &Store, rule: SetRetention) -> Result<ExitCode, Failure> {
    let store = About::because(&rule.reason).sign(store);
    let rule = RetentionRule {
        country: rule.country.country,
        mask_days: rule.mask,
        remove_days: rule.remove,
        floor_days: rule.floor,
        ceiling_days: rule.ceiling,
        comment: rule.reason,
    };
    store.set_retention_rule(&rule).await?;
    Ok(DONE)
}

async fn now(store: &Store, json: bool) -> Result<ExitCode, Failure> {
    let done = retention::round(store, now_us()).await?;
    let row = |deed, Touched { calls, decisions }, months| DoneView { deed, calls, decisions, months };
    let rows = [row("masked", done.masked, 0), row("removed", done.removed, done.months)];
    if json {
        answer::json(&rows)?;
    } else {
        answer::table(&["", "calls", "decisions", "whole months"], rows.map(DoneView::cells));
    }
    Ok(DONE)
}

async fn list(store: &Store, json: bool) -> Result<ExitCode, Failure> {
    let rules: Vec<_> = store.retention_rules().await?.into_iter().map(RuleView::from).collect();
    let mut nodes = Vec::new();
    for recorded in store.recorded_nodes().await? {
        let come = store.retention_progress(&recorded.node).await?;
        nodes.push(NodeView::of(recorded.node.to_string(), recorded.country, come));
    }
    if json {
        answer::json(&serde_json::json!({ "rules": rules, "nodes": nodes }))?;
    } else {
        answer::table(
            &["country", "mask", "remove", "floor", "ceiling", "comment"],
            rows_of(rules, RuleView::cells),
        );
        answer::table(&["node", "country", "masked up to", "removed up to"], rows_of(nodes, NodeView::cells));
    }
    Ok(DONE)
}

fn rows_of<V, R>(views: Vec<V>, cells: impl Fn(V) -> R) -> impl Iterator<Item = R> {
    views.into_iter().map(cells)
}

#[derive(Serialize)]
struct DoneView {
    deed: &'static str,
    calls: u64,
    decisions: u64,
    /// Months that went as a whole, with what is counted here.
    months: u32,
}

impl DoneView {
    fn cells(self) -> [String; 4] {
        let [calls, decisions] = [self.calls, self.decisions].map(|count| count.to_string());
        [self.deed.to_owned(), calls, decisions, self.months.to_string()]
    }
}

/// Days; null: never, or nothing is said of it.
#[derive(Serialize)]
struct RuleView {
    /// Null: every country without a rule of its own.
    country: Option<String>,
    mask_days: Option<u16>,
    remove_days: Option<u16>,
    floor_days: u16,
    ceiling_days: Option<u16>,
    comment: String,
}

impl From<RetentionRule> for RuleView {
    fn from(rule: RetentionRule) -> Self {
        Self {
            country: rule.country.map(|country| country.to_string()),
            mask_days: rule.mask_days,
            remove_days: rule.remove_days,
            floor_days: rule.floor_days,
            ceiling_days: rule.ceiling_days,
            comment: rule.comment,
        }
    }
}

impl RuleView {
    fn cells(self) -> [String; 6] {
        let days = |days: Option<u16>| days.map_or("never".to_owned(), |days| format!("{days} d"));
        [
            self.country.unwrap_or_else(|| "others".to_owned()),
            days(self.mask_days),
            days(self.remove_days),
            format!("{} d", self.floor_days),
            self.ceiling_days.map_or_else(String::new, |days| format!("{days} d")),
            self.comment,
        ]
    }
}

#[derive(Serialize)]
struct NodeView {
    node: String,
    country: Option<String>,
    /// Calls that began before were looked at; UTC, null where nothing was yet.
    masked: Option<String>,
    removed: Option<String>,
}

impl NodeView {
    fn of(node: String, country: Option<CountryCode>, come: RetentionProgress) -> Self {
        let shown = |us: i64| Some(us).filter(|us| *us > 0).map(instant);
        let country = country.map(|country| country.to_string());
        Self { node, country, masked: shown(come.masked_us), removed: shown(come.removed_us) }
    }

    fn cells(self) -> [String; 4] {
        let [country, masked, removed] =
            [self.country, self.masked, self.removed].map(Option::unwrap_or_default);
        [self.node, country, masked, removed]
    }
}
