//! How long, where, and how far that has come.

use domain::{CountryCode, NodeName};
use futures_util::TryStreamExt;

use super::audit::{self, AuditEntry};
use crate::{
    column::Column,
    dialect::Dialect,
    driver::Connection,
    error::StoreError,
    lease::{in_transaction, on_connection},
    marks::clock,
    store::Store,
    table::CellReader,
};

/// How long records of the nodes of a country stay. Days count from the beginning of a call, 1 to 36,500.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionRule {
    /// None: of every node whose country has no rule of its own.
    pub country: Option<CountryCode>,
    /// When numbers are masked; None: never.
    pub mask_days: Option<u16>,
    /// When records are removed; None: never.
    pub remove_days: Option<u16>,
    /// The law: numbers stay whole at least so long.
    pub floor_days: u16,
    /// The law: no number is whole for longer.
    pub ceiling_days: Option<u16>,
    /// Up to 200 characters.
    pub comment: String,
}

/// A node that has records, or may have, and the country it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedNode {
    pub node: NodeName,
    pub country: Option<CountryCode>,
}

/// Up to when the records of a node were looked at, microseconds of UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionProgress {
    pub masked_us: i64,
    pub removed_us: i64,
    /// Up to when they were ever removed, but for those that were held: a hold that is released takes back the other times.
    pub gone_us: i64,
}

const RULES: &str = "retention_rules";
const RULE_COLUMNS: &[&str] =
    &["country", "mask_days", "remove_days", "floor_days", "ceiling_days", "comment"];
const LIST: &str = "SELECT country, mask_days, remove_days, floor_days, ceiling_days, comment \
     FROM retention_rules ORDER BY country";
const SET: &str =
    "INSERT INTO retention_rules (country, mask_days, remove_days, floor_days, ceiling_days, comment)";
const REMOVE: &str = "DELETE FROM retention_rules WHERE country = $1";

/// A node that is no longer in the tables may have records still.
const NODES: &str = "SELECT nodes.node, servers.location FROM \
     (SELECT node FROM collector_leases UNION SELECT servername AS node FROM servers \
     UNION SELECT node FROM retention_progress) nodes \
     LEFT JOIN servers ON servers.servername = nodes.node ORDER BY nodes.node";

const PROGRESS: &str = "retention_progress";
const PROGRESS_COLUMNS: &[&str] = &["node", "masked_us", "removed_us", "gone_us"];
const COME: &str = "SELECT node, masked_us, removed_us, gone_us FROM retention_progress WHERE node = $1";
const GO: &str = "INSERT INTO retention_progress (node, masked_us, removed_us, gone_us)";

pub(super) const STATEMENTS: [&str; 4] = [LIST, REMOVE, NODES, COME];

pub(super) fn built_statements(dialect: Dialect) -> Vec<(&'static str, String)> {
    vec![(SET, dialect.upsert(SET, RULE_COLUMNS)), (GO, dialect.upsert(GO, PROGRESS_COLUMNS))]
}

impl Store {
    pub async fn retention_rules(&self) -> Result<Vec<RetentionRule>, StoreError> {
        on_connection!(self, connection => list(connection).await)
    }

    /// Adds a rule, or writes it over that of its country, and notes it in the audit with the rule's comment as the
    /// reason. Refused by the database where a time is outside of floor and ceiling.
    pub async fn set_retention_rule(&self, rule: &RetentionRule) -> Result<(), StoreError> {
        let actor = &self.author.actor;
        in_transaction!(self, begin_write, connection => set(connection, rule, actor).await)
    }

    /// Removes the rule of a country, for a reason; `false` if there is none.
    pub async fn remove_retention_rule(
        &self,
        country: Option<CountryCode>,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let actor = &self.author.actor;
        in_transaction!(self, begin_write, connection => remove(connection, country, actor, reason).await)
    }

    /// The nodes records may be of.
    pub async fn recorded_nodes(&self) -> Result<Vec<RecordedNode>, StoreError> {
        on_connection!(self, connection => nodes(connection).await)
    }

    /// How far a node's records are masked and removed; the beginning of time where nobody has begun.
    pub async fn retention_progress(&self, node: &NodeName) -> Result<RetentionProgress, StoreError> {
        on_connection!(self, connection => progress(connection, node).await)
    }
}

async fn list<C: Connection>(connection: &mut C) -> Result<Vec<RetentionRule>, StoreError> {
    let mut rules = Vec::new();
    let mut rows = connection.rows(LIST, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(LIST))? {
        let mut cells = CellReader::new(&row, RULES, RULE_COLUMNS);
        let country: String = cells.take()?;
        let impossible = |source: domain::Invalid| StoreError::Corrupt {
            table: RULES,
            column: "country",
            row: country.clone(),
            source: source.into(),
        };
        let country = match country.as_str() {
            "" => None,
            country => Some(country.parse().map_err(impossible)?),
        };
        rules.push(RetentionRule {
            country,
            mask_days: cells.take()?,
            remove_days: cells.take()?,
            floor_days: cells.take()?,
            ceiling_days: cells.take()?,
            comment: cells.take()?,
        });
    }
    Ok(rules)
}

/// As the tables and people call the nodes of a rule.
fn key(country: Option<CountryCode>) -> String {
    country.map(|country| country.to_string()).unwrap_or_default()
}

async fn set<C: Connection>(connection: &mut C, rule: &RetentionRule, actor: &str) -> Result<(), StoreError> {
    let RetentionRule { mask_days, remove_days, floor_days, ceiling_days, comment, .. } = rule;
    let country = key(rule.country);
    let values = [
        country.value(),
        mask_days.value(),
        remove_days.value(),
        floor_days.value(),
        ceiling_days.value(),
        comment.value(),
    ];
    let sql = C::DIALECT.upsert(SET, RULE_COLUMNS);
    let refused = |error| C::DIALECT.refusal(error, SET, RULES, format!("the rule of '{country}'"));
    connection.run_built(sql, &values).await.map_err(refused)?;
    let days = |days: Option<u16>| days.map_or("never".to_owned(), |days| days.to_string());
    let subject = format!(
        "'{country}': masked {}, removed {}, floor {floor_days}, ceiling {}",
        days(*mask_days),
        days(*remove_days),
        days(*ceiling_days)
    );
    note(connection, actor, "retention_set", subject, comment.clone()).await
}

async fn remove<C: Connection>(
    connection: &mut C,
    country: Option<CountryCode>,
    actor: &str,
    reason: &str,
) -> Result<bool, StoreError> {
    let country = key(country);
    let removed = connection.run(REMOVE, &[country.value()]).await.map_err(StoreError::driver(REMOVE))?;
    if removed > 0 {
        note(connection, actor, "retention_removed", format!("'{country}'"), reason.to_owned()).await?;
    }
    Ok(removed > 0)
}

async fn note<C: Connection>(
    connection: &mut C,
    actor: &str,
    action: &str,
    subject: String,
    reason: String,
) -> Result<(), StoreError> {
    let at_us = clock(connection).await?;
    let (actor, action) = (actor.to_owned(), action.to_owned());
    audit::note(connection, &AuditEntry { at_us, actor, action, subject, reason }).await
}

async fn nodes<C: Connection>(connection: &mut C) -> Result<Vec<RecordedNode>, StoreError> {
    let mut nodes = Vec::new();
    let mut rows = connection.rows(NODES, &[]);
    while let Some(row) = rows.try_next().await.map_err(StoreError::driver(NODES))? {
        let mut cells = CellReader::new(&row, "servers", &["node", "location"]);
        nodes.push(RecordedNode { node: cells.take()?, country: cells.take()? });
    }
    Ok(nodes)
}

pub(super) async fn progress<C: Connection>(
    connection: &mut C,
    node: &NodeName,
) -> Result<RetentionProgress, StoreError> {
    let rows: Vec<_> =
        connection.rows(COME, &[node.value()]).try_collect().await.map_err(StoreError::driver(COME))?;
    let Some(row) = rows.first() else { return Ok(RetentionProgress::default()) };
    let mut cells = CellReader::new(row, PROGRESS, PROGRESS_COLUMNS);
    let _node: NodeName = cells.take()?;
    Ok(RetentionProgress { masked_us: cells.take()?, removed_us: cells.take()?, gone_us: cells.take()? })
}

/// Records of a node from before then are removed, but for those that are or were held.
pub(crate) async fn gone_us<C: Connection>(connection: &mut C, node: &NodeName) -> Result<i64, StoreError> {
    Ok(progress(connection, node).await?.gone_us)
}

pub(super) async fn keep_progress<C: Connection>(
    connection: &mut C,
    node: &NodeName,
    progress: RetentionProgress,
) -> Result<(), StoreError> {
    let gone_us = progress.gone_us.max(progress.removed_us);
    let values = [node.value(), progress.masked_us.value(), progress.removed_us.value(), gone_us.value()];
    let sql = C::DIALECT.upsert(GO, PROGRESS_COLUMNS);
    connection.run_built(sql, &values).await.map(|_| ()).map_err(StoreError::driver(GO))
}
