use std::{collections::BTreeMap, fmt};

use routing::{TableFault, TableName};
use serde::Serialize;

/// Most findings of one rule that are listed one by one; one more tells how many there are beyond.
pub const LISTED_FINDINGS_MAX: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Surely wrong: keeps the configuration from being activated.
    Error,
    /// Probably not meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One row that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    pub table: &'static str,
    /// The key of the row; `…` for rows that are counted but not listed.
    pub key: String,
    /// The stable name of what is wrong, for programs and for people who look it up.
    pub rule: &'static str,
    /// To be read after the row's name. Numbers and secrets do not occur.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { severity, table, key, rule, message } = self;
        write!(f, "{severity}: {table} {key} {message} [{rule}]")
    }
}

/// What keeps tables from being compiled, in the words of the lint.
impl From<TableFault> for Finding {
    fn from(fault: TableFault) -> Self {
        let TableFault { table, key, field, rule } = fault;
        let message = format!("cannot be used: {field} {rule}");
        Self { severity: Severity::Error, table, key, rule: "does-not-compile", message }
    }
}

/// Something that is looked for in the rows of one table.
#[derive(Debug)]
pub(super) struct Rule {
    id: &'static str,
    severity: Severity,
    table: TableName,
}

impl Rule {
    pub(super) const fn error(id: &'static str, table: TableName) -> Self {
        Self { id, severity: Severity::Error, table }
    }

    pub(super) const fn warning(id: &'static str, table: TableName) -> Self {
        Self { id, severity: Severity::Warning, table }
    }

    fn finding(&self, key: String, message: String) -> Finding {
        let Self { id: rule, severity, table } = *self;
        Finding { severity, table: table.as_str(), key, rule, message }
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    listed: Vec<Finding>,
    /// By rule, with how often it was found.
    counts: BTreeMap<&'static str, (&'static Rule, usize)>,
}

impl Findings {
    pub(super) fn add(&mut self, rule: &'static Rule, key: impl fmt::Display, message: impl fmt::Display) {
        let (_, count) = self.counts.entry(rule.id).or_insert((rule, 0));
        *count += 1;
        if *count <= LISTED_FINDINGS_MAX {
            self.listed.push(rule.finding(key.to_string(), message.to_string()));
        }
    }

    pub(super) fn finish(mut self) -> Vec<Finding> {
        for (rule, count) in self.counts.into_values().filter(|(_, count)| *count > LISTED_FINDINGS_MAX) {
            let more = count - LISTED_FINDINGS_MAX;
            self.listed.push(rule.finding("…".to_owned(), format!("and {more} more rows alike")));
        }
        self.listed.sort_by_cached_key(|finding| {
            let key = finding.key.parse().unwrap_or(i64::MAX);
            (finding.severity, finding.table, finding.rule, key, finding.message.clone())
        });
        self.listed
    }
}
